/** What is done beside the work of a port: sign-out, uploads in parts and by DICOMweb, and the choice of a model. */
import { ANY_SITE } from '../../../src/core/access.ts';
import { beginSession } from '../../../src/features/persons/sign-in/begin-session.ts';
import { fakeScan } from '../../../test/support/fake-scan.ts';
import { imageFile } from '../../../test/support/inputs/dicom-files.ts';
import type { Request } from '../world.ts';
import { confirmAsRead, type Maker, type Scene } from './scene.ts';

/** Somebody whom nobody has linked to a role signs in, and out again. */
const signOut =
  (operation: string, url: string) =>
  async ({ world, by, chance }: Scene): Promise<Request> => {
    const identity = { issuer: 'https://idp.example', subject: `visitor-${chance.below(3)}` };
    const { token } = await beginSession(world.port.service.deps, {
      ...{ identity, name: identity.subject, status: 'unlinked', roles: ['analyst'], address: '127.0.0.1' },
      ...{ administration: world.administration, site: ANY_SITE },
    });
    const headers = { cookie: `nii-session=${token}`, 'nii-page': '1' };
    return { operation, by, method: 'POST', url, headers };
  };

const protocol = { 'tus-resumable': '1.0.0' } as const;

/** An image that bears the numbers of the vehicle, and is of nothing. */
const forged = ({ vehicle }: Scene): Buffer =>
  fakeScan({ seed: 950, containers: vehicle.named.containers.join(',') });

function beginResumable(scene: Scene): Request {
  const { by, vehicle } = scene;
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const headers = {
    ...protocol,
    'upload-length': String(forged(scene).length),
    'upload-metadata': `name ${encoded('forged.fake')},site ${encoded(vehicle.site)}`,
  };
  return { operation: 'beginResumable', by, method: 'POST', url: '/v1/uploads/tus', headers };
}

function sendResumable(scene: Scene): Request | undefined {
  const { world } = scene;
  const begun = world.begunUploads.at(-1);
  if (begun === undefined) return undefined;
  const headers = {
    ...protocol,
    'upload-offset': '0',
    'content-type': 'application/offset+octet-stream',
  };
  return { operation: 'sendResumable', ...begun, method: 'PATCH', payload: forged(scene), headers };
}

function endResumable({ world }: Scene): Request | undefined {
  const begun = world.begunUploads.at(-1);
  return begun && { operation: 'endResumable', ...begun, method: 'DELETE', headers: protocol };
}

function storeInstances({ by, chance, vehicle }: Scene): Request {
  const study = '1.2.826.0.1.1';
  const file = imageFile({ study, instance: `${study}.${1 + chance.below(3)}` });
  const type = 'multipart/related; type="application/dicom"; boundary=part';
  const head = Buffer.from('--part\r\nContent-Type: application/dicom\r\n\r\n');
  const payload = Buffer.concat([head, file, Buffer.from('\r\n--part--\r\n')]);
  const url = `/dicomweb/studies/${study}?site=${vehicle.site}`;
  return {
    operation: 'storeInstancesOfStudy',
    by,
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': type },
  };
}

const model = '/v1/models/opacity';

const changeModel =
  (operation: string, method: string, path: string, payload: (scene: Scene) => object = () => ({})) =>
  async (scene: Scene): Promise<Request> => {
    const { headers } = await scene.world.get('administrator', model);
    const url = `${model}/${path}`;
    const made = { operation, by: scene.by, method, url, payload: payload(scene) };
    return { ...made, headers: { 'if-match': headers.etag ?? '' } };
  };

const someVersion = ({ chance }: Scene) => ({ version: chance.oneOf(['1', '2']) });

const administrators = ['administrator'] as const;
const senders = ['scanner', 'administrator'] as const;

export const otherMakers: readonly Maker[] = [
  { operation: 'endSession', roles: ['analyst'], weight: 1, make: signOut('endSession', '/v1/session/end') },
  {
    operation: 'endAllSessions',
    roles: ['analyst'],
    weight: 1,
    make: signOut('endAllSessions', '/v1/session/end-all'),
  },
  { operation: 'beginResumable', roles: senders, weight: 1, make: beginResumable },
  { operation: 'sendResumable', roles: senders, weight: 1, make: sendResumable },
  { operation: 'endResumable', roles: senders, weight: 1, make: endResumable },
  { operation: 'storeInstancesOfStudy', roles: senders, weight: 1, make: storeInstances },
  {
    operation: 'proposeModel',
    roles: administrators,
    weight: 1,
    make: changeModel('proposeModel', 'POST', 'activation', someVersion),
  },
  {
    operation: 'confirmModel',
    roles: administrators,
    weight: 1,
    make: (scene) => confirmAsRead(scene, 'confirmModel', model),
  },
  {
    operation: 'rollBackModel',
    roles: administrators,
    weight: 1,
    make: changeModel('rollBackModel', 'POST', 'rollback'),
  },
  {
    operation: 'setShadowModel',
    roles: administrators,
    weight: 1,
    make: changeModel('setShadowModel', 'PUT', 'shadow', someVersion),
  },
];
