import Type, { type Static } from 'typebox';
import { AcceptedScans, KeptProblem } from './answers.ts';
import { closed } from './requests.ts';

export const TusParams = Type.Object({ uploadId: Type.String({ minLength: 1, maxLength: 64 }) });

/** A resumable upload as its sender sees it. */
export const TusUpload = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    bytes: Type.Integer({ description: 'As declared' }),
    offset: Type.Integer({ description: 'Number of available ones' }),
    state: Type.Enum(['arriving', 'waiting', 'accepted', 'refused'], {
      description: 'waiting: complete, but the set is not, or the service could not accept it yet',
    }),
    set: Type.Optional(
      Type.Object(
        {
          id: Type.String(),
          files: Type.Integer(),
          whole: Type.Integer({ description: 'Number of complete ones' }),
        },
        closed,
      ),
    ),
    scans: Type.Optional(AcceptedScans.properties.scans),
    problem: Type.Optional(KeptProblem),
    href: Type.String({ description: 'Path on this service' }),
  },
  closed,
);
export type TusUpload = Static<typeof TusUpload>;

/** Answers without a body. */
export const tusAnswers = {
  created: {
    201: Type.Null({
      description: 'Started; send PATCH to the address in Location. Upload-Expires: time of removal',
    }),
  },
  appended: {
    204: Type.Null({
      description:
        'Stored; Upload-Offset is the number of received bytes. The last byte of a set completes the upload',
    }),
  },
  ended: { 204: Type.Null({ description: 'Ended; received bytes are removed' }) },
} as const;
