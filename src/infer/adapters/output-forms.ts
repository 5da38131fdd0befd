import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Line = Type.String({ minLength: 1, maxLength: 256 });
const TensorName = Type.String({ minLength: 1, maxLength: 256 });
const Labels = Type.Optional(
  Type.Array(Line, { maxItems: 10_000, description: 'Names of the classes, in the order of their numbers' }),
);
const JoinAbove = Type.Optional(
  Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      'Boxes of one class are one finding if their overlap exceeds this share of their joint area (0.45)',
  }),
);
const oneTensor = { boxes: TensorName, labels: Labels, joinAbove: JoinAbove };
const threeTensors = { ...oneTensor, classes: TensorName, scores: TensorName };

export const ModelOutput = Type.Union(
  [
    Type.Object(
      {
        adapter: Type.Literal('anomaly-map'),
        map: TensorName,
        score: Type.Optional(TensorName),
      },
      {
        ...closed,
        description: 'N x 1 x height x width as large as the input: anomalib from 2.0, any heat map',
      },
    ),
    Type.Object(
      {
        adapter: Type.Literal('anomalib-1'),
        map: TensorName,
        normalise: Type.Optional(
          Type.Object(
            { threshold: Type.Number(), minimum: Type.Number(), maximum: Type.Number() },
            {
              ...closed,
              description:
                'pixel_threshold, min and max of metadata.json: the map becomes (value - threshold) / (maximum - minimum) + 0.5, within 0..1',
            },
          ),
        ),
      },
      { ...closed, description: 'The single map of anomalib 0.x and 1.x' },
    ),
    Type.Object(
      {
        adapter: Type.Literal('score'),
        score: TensorName,
        activation: Type.Enum(['none', 'sigmoid']),
      },
      { ...closed, description: 'One anomaly score for each image, without a place' },
    ),
    Type.Object(
      {
        adapter: Type.Literal('classifier'),
        scores: TensorName,
        activation: Type.Enum(['none', 'sigmoid', 'softmax'], {
          description: 'Operation that the output still needs; none: the graph already contains it',
        }),
        labels: Labels,
        innocent: Type.Optional(
          Type.Array(Line, {
            maxItems: 10_000,
            description: 'Labels that are neither a finding nor a score',
          }),
        ),
      },
      { ...closed, description: 'N x classes: one score for each class and image, without a place' },
    ),
    Type.Object(
      { adapter: Type.Literal('yolo-5'), ...oneTensor },
      {
        ...closed,
        description: 'N x boxes x (5 + classes): centre, size, objectness, classes; input pixels',
      },
    ),
    Type.Object(
      { adapter: Type.Literal('yolo-8'), ...oneTensor },
      { ...closed, description: 'N x (4 + classes) x boxes: centre, size, classes; input pixels' },
    ),
    Type.Object(
      { adapter: Type.Literal('yolo-end-to-end'), ...oneTensor },
      { ...closed, description: 'N x boxes x 6: two corners in input pixels, score, class' },
    ),
    Type.Object(
      { adapter: Type.Literal('rt-detr'), ...oneTensor },
      { ...closed, description: 'N x boxes x (4 + classes): centre, size, classes; parts of the input' },
    ),
    Type.Object(
      { adapter: Type.Literal('detr-boxes'), sizes: TensorName, ...threeTensors },
      {
        ...closed,
        description:
          'RT-DETR and D-FINE of their own repositories: sizes is the int64 input of width and height; corners in pixels',
      },
    ),
    Type.Object(
      {
        adapter: Type.Literal('detr-logits'),
        ...oneTensor,
        logits: TensorName,
        activation: Type.Enum(['sigmoid', 'softmax'], {
          description: 'softmax: the last class is no object (DETR, YOLOS); sigmoid: RT-DETR, D-FINE',
        }),
      },
      {
        ...closed,
        description: 'Exports of optimum: raw classes, and centre and size in parts of the input',
      },
    ),
    Type.Object(
      { adapter: Type.Literal('torchvision'), ...threeTensors },
      { ...closed, description: 'Input without batch; corners in input pixels, class numbers, scores' },
    ),
  ],
  { description: 'Form of the output. Absent: the file determines it (schemaVersion 1.1)' },
);
export type ModelOutput = Static<typeof ModelOutput>;
