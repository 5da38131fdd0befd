import Type, { type TProperties } from 'typebox';
import { photographTypes } from '../../core/case/photograph.ts';
import { defined } from '../../core/defined.ts';
import { Purpose } from '../../core/scan/purposes.ts';
import { Visit } from '../../core/scan/visit.ts';
import { TUS_BODY } from '../resumable/protocol.ts';
import type { OperationId } from '../routes/table.ts';

/** What requests carry that no schema checks: bodies that are read as streams, and headers of other standards. */

const Binary = Type.String({ format: 'binary' });
const binary = (...types: readonly string[]) =>
  Object.fromEntries(types.map((type) => [type, { schema: Binary }]));

const UploadForm = Type.Object({
  file: Type.Array(Binary, { description: 'The files; parts may have any name' }),
  site: Type.Optional(
    Type.String({ maxLength: 63, description: "Must be the key's own unless the key is for any site" }),
  ),
  scanner: Type.Optional(Type.String({ maxLength: 128 })),
  lane: Type.Optional(Type.String({ maxLength: 128 })),
  visit: Type.Optional(Visit),
  purpose: Type.Optional(Purpose),
});

const wholeFile = binary(
  'application/octet-stream',
  'application/zip',
  'application/x-tar',
  'application/dicom',
);

/** Read by a process of its own, so no schema checks it. */
const stationContent = {
  'text/csv': {
    schema: Type.String({
      description: 'A header of container, scan, decision, at, officer, and a line each',
    }),
  },
  'application/xml': {
    schema: Type.String({
      description: 'The same names as elements or attributes of each child of the root',
    }),
  },
};
const relatedContent = {
  'multipart/related': {
    schema: Type.String({
      format: 'binary',
      description: 'One DICOM file in each part (PS3.18 section 8.7)',
    }),
  },
};

const contents: Readonly<Partial<Record<OperationId, object>>> = {
  uploadScans: { 'multipart/form-data': { schema: UploadForm }, ...wholeFile },
  sendStationDecisions: stationContent,
  addPhotograph: binary(...photographTypes),
  sendResumable: binary(TUS_BODY),
  storeInstances: relatedContent,
  storeInstancesOfStudy: relatedContent,
};

const protocol = {
  'tus-resumable': Type.Enum(['1.0.0'], { description: 'Version of the protocol' }),
};
const whole = { minimum: 0 } as const;

const tusHeaders: Readonly<Partial<Record<OperationId, TProperties>>> = {
  beginResumable: {
    ...protocol,
    'upload-length': Type.Integer({ ...whole, description: 'Bytes of the file' }),
    'upload-metadata': Type.Optional(
      Type.String({
        description:
          'Pairs of a name and a value in Base64, with commas between: filename, site, scanner, lane, visit, purpose, sha256, set, files',
      }),
    ),
  },
  sendResumable: {
    ...protocol,
    'upload-offset': Type.Integer({ ...whole, description: 'Where these bytes begin: what HEAD answers' }),
  },
  endResumable: protocol,
};

/** Of what is stored under its hash (RFC 9110). */
const storedHeaders = {
  range: Type.Optional(
    Type.String({ description: 'One range of bytes, for example bytes=0-1023; several are ignored' }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: 'ETag that the sender has; 304 where it is still the same' }),
  ),
};

interface Described {
  readonly headers?: unknown;
  readonly response?: object;
}

/** Adds to the schema of an operation the body and the headers that it takes besides. */
export function withUnchecked<T extends Described>(operationId: OperationId, schema: T): T {
  const content = contents[operationId];
  const headers: TProperties = {
    ...tusHeaders[operationId],
    ...defined(isStored(schema) ? storedHeaders : {}),
  };
  const hasHeaders = Object.keys(headers).length > 0;
  return {
    ...schema,
    ...defined({
      body: content && { content },
      headers: hasHeaders ? Type.Object({ ...propertiesOf(schema), ...headers }) : undefined,
    }),
  };
}

function isStored({ response = {} }: Described): boolean {
  return '206' in response;
}

function propertiesOf({ headers }: Described): TProperties {
  return Object(headers).properties ?? {};
}
