import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api } from 'dicomweb-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relatedBody } from '../../lab/siege/related-body.ts';
import { hasDicomTools } from '../support/dicom-tools.ts';
import { fakeSamples, fakeScan } from '../support/fake-scan.ts';
import { type Harness, openHarness } from '../support/harness.ts';
import { relatedParts } from '../support/http/dicomweb-parts.ts';
import { dicomFixture, readFixture } from '../support/inputs/dicom-fixtures.ts';
import { leftOut } from '../support/s3-server.ts';
import { hasSharedData, sharedPath } from '../support/shared-data.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from './orthanc-server.ts';
import { FetchedRequest } from './xml-http-request.ts';

const order = { rows: 20, columns: 30, seed: 7, containers: 'MSKU1234565' };
const anyDicom = 'multipart/related; type="application/dicom"; transfer-syntax=*';

/** Two CT slices and a picture in colour as pydicom writes them, implicit and explicit. */
const makeStudies = `
import sys, numpy, pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian, ExplicitVRLittleEndian
def write(name, uid, study, series, sop_class, modality, pixels, syntax, **more):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = uid
    meta.TransferSyntaxUID = syntax
    ds = FileDataset(name, {}, file_meta=meta, preamble=b'\\0' * 128)
    ds.is_little_endian = True
    ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
    ds.SpecificCharacterSet = 'ISO_IR 100'
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, uid
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.PatientName, ds.PatientID = 'M\\u00fcller^Cargo', 'TCLU7654321'
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = '20261124', '101112', 'A-17', 'S1'
    ds.Modality, ds.PatientBirthDate, ds.PatientSex = modality, '', 'O'
    ds.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, 0
    ds.PhotometricInterpretation = 'MONOCHROME2' if pixels.ndim == 2 else 'RGB'
    if pixels.ndim == 3: ds.PlanarConfiguration = 0
    for key, value in more.items(): setattr(ds, key, value)
    ds.PixelData = pixels.tobytes()
    ds.save_as(sys.argv[1] + '/' + name)
rng = numpy.random.default_rng(3)
ct = '1.2.840.10008.5.1.4.1.1.2'
for i, syntax in enumerate([ImplicitVRLittleEndian, ExplicitVRLittleEndian]):
    write('ct%d.dcm' % i, '2.25.1001%d' % i, '2.25.1000', '2.25.1001', ct, 'CT',
          rng.integers(0, 65536, (16, 24), dtype=numpy.uint16), syntax, InstanceNumber=i + 1)
write('sc.dcm', '2.25.20011', '2.25.2000', '2.25.2001', '1.2.840.10008.5.1.4.1.1.7', 'OT',
      rng.integers(0, 256, (9, 12, 3), dtype=numpy.uint8), ExplicitVRLittleEndian, ConversionType='WSD')
`;

/** Elements and pixels of two files by pydicom; nothing is printed where they are equal. */
const compare = `
import sys, pydicom
a, b = (pydicom.dcmread(path) for path in sys.argv[1:3])
tags = sorted({e.tag for e in a} | {e.tag for e in b})
print('\\n'.join(str(tag) for tag in tags if tag not in a or tag not in b or a[tag].value != b[tag].value))
`;

function python(script: string, ...args: readonly string[]): string {
  return execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', script, ...args], {
    encoding: 'utf8',
  }).trim();
}

if (!hasOrthanc() || !hasDicomTools())
  leftOut('DICOMweb with Orthanc', 'scripts/debian-parts.sh orthanc dicom installs what it needs');
else describe('DICOMweb with Orthanc', { timeout: 120_000, shuffle: false }, withOrthanc);

function withOrthanc(): void {
  let service: Harness;
  let here: string;
  let orthanc: Orthanc;
  const folder = mkdtempSync(join(tmpdir(), 'nii-studies-'));

  beforeAll(async () => {
    service = await openHarness();
    here = `${await service.listen()}/dicomweb`;
    orthanc = await startOrthanc({
      'nii-sends': { url: here, token: service.token('scanner') },
      'nii-reads': { url: here, token: service.token('supervisor') },
    });
    python(makeStudies, folder);
    await service.as('scanner', {
      method: 'POST',
      url: '/v1/scans?name=a.fake',
      payload: fakeScan(order),
      headers: { 'content-type': 'application/octet-stream' },
    });
    await service.work();
  }, 120_000);

  afterAll(async () => {
    await orthanc?.stop();
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bearer = () => ({ authorization: `Bearer ${service.token('supervisor')}` });
  const files = () => readdirSync(folder).map((name) => readFileSync(join(folder, name)));

  async function parts(url: string, headers: Record<string, string> = {}) {
    const answer = await fetch(url, { headers: { accept: anyDicom, ...headers } });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status, body.toString('latin1').slice(0, 500)).toBe(200);
    return relatedParts({ headers: Object.fromEntries(answer.headers), rawPayload: body });
  }

  async function ourStudy(filter: string): Promise<string> {
    const answer = await fetch(`${here}/studies?${filter}`, { headers: bearer() });
    const [study] = (await answer.json()) as Record<string, { Value: string[] }>[];
    return study?.['0020000D']?.Value[0] ?? '';
  }

  async function ask(path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${orthanc.address}${path}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await answer.text();
    expect(answer.status, `${text}\n${orthanc.log()}`).toBe(200);
    return text === '' ? {} : JSON.parse(text);
  }

  async function upload(bytes: Uint8Array): Promise<Record<string, string>> {
    const answer = await fetch(`${orthanc.address}/instances`, {
      method: 'POST',
      body: new Uint8Array(bytes),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, string>;
  }

  const sorted = (all: readonly { readonly bytes: Buffer }[]) =>
    all.map(({ bytes }) => bytes.toString('hex')).sort();

  test('our instances go to it by STOW-RS and come back equal, byte for byte', async () => {
    const study = await ourStudy('PatientID=MSKU1234565');
    const ours = await parts(`${here}/studies/${study}`, bearer());
    expect(ours).toHaveLength(3);
    const { payload, headers } = relatedBody(ours.map(({ bytes }) => bytes));
    const url = `${orthanc.address}/dicom-web/studies`;
    const stored = await fetch(url, { method: 'POST', body: new Uint8Array(payload), headers });
    expect(stored.status, await stored.text()).toBe(200);
    const back = await parts(`${orthanc.address}/dicom-web/studies/${study}`);
    expect(sorted(back)).toEqual(sorted(ours));
  });

  test('its studies come to us by its own STOW-RS client, and are then ours to find', async () => {
    const uploaded = [];
    for (const file of files()) uploaded.push(await upload(file));
    const studies = [...new Set(uploaded.map(({ ParentStudy }) => ParentStudy))];
    await ask('/dicom-web/servers/nii-sends/stow', { Resources: studies, Synchronous: true });
    expect(await ourStudy('AccessionNumber=A-17&Modality=CT&PatientName=m%C3%BCller*')).toBe('2.25.1000');
    for (const study of ['2.25.1000', '2.25.2000']) {
      const ours = await parts(`${here}/studies/${study}`, bearer());
      const theirs = await parts(`${orthanc.address}/dicom-web/studies/${study}`);
      expect(sorted(ours)).toEqual(sorted(theirs));
    }
    await service.work();
    const list = await service.as('supervisor', { url: '/v1/scans?state=analysed' });
    expect(list.json().items.length).toBeGreaterThanOrEqual(3);
  });

  test('it asks us by QIDO-RS and fetches a study by WADO-RS as any other archive', async () => {
    const study = await ourStudy('PatientID=MSKU1234565');
    for (const id of (await (await fetch(`${orthanc.address}/instances`)).json()) as string[]) {
      await fetch(`${orthanc.address}/instances/${id}`, { method: 'DELETE' });
    }
    const found = await ask('/dicom-web/servers/nii-reads/qido', {
      Uri: '/studies',
      Arguments: { PatientID: 'MSKU*' },
    });
    expect(JSON.stringify(found)).toContain(study);
    await ask('/dicom-web/servers/nii-reads/retrieve', { Resources: [{ Study: study }], Synchronous: true });
    const theirs = await parts(`${orthanc.address}/dicom-web/studies/${study}`);
    const ours = await parts(`${here}/studies/${study}`, bearer());
    expect(sorted(theirs)).toEqual(sorted(ours));
  });

  async function expectUnchanged(file: Buffer): Promise<void> {
    const { ID, ParentStudy } = await upload(file);
    await ask('/dicom-web/servers/nii-sends/stow', { Resources: [ParentStudy], Synchronous: true });
    const tags = await (await fetch(`${orthanc.address}/instances/${ID}/simplified-tags`)).json();
    const study = (tags as Record<string, string>).StudyInstanceUID;
    const [part] = await parts(`${here}/studies/${study}`, bearer());
    expect(part?.bytes.equals(file)).toBe(true);
  }

  test.each(['explicit-u16', 'implicit-i16', 'jpeg-70-i16', 'jpeg-2000-90-i16', 'rle-u16-frames'])(
    'the file %s travels through it and us unchanged',
    async (name) => {
      await expectUnchanged(Buffer.from(readFixture(dicomFixture(name))));
    },
  );

  test
    .runIf(hasSharedData('dicom'))
    .each([
      'ImagingDataCommons__highdicom/dx_image.dcm',
      'Auxilia-tech__pyDICOS/pydicos-python/DXFiles/SimpleProcessingDX.dcs',
    ])('the file %s of other people travels through it and us unchanged', async (name) => {
    await expectUnchanged(readFileSync(sharedPath(`dicom/${name}`)));
  });

  describe('and dicomweb-client', () => {
    const client = (role: 'scanner' | 'supervisor') =>
      new api.DICOMwebClient({
        url: here,
        headers: { Authorization: `Bearer ${service.token(role)}` },
        verbose: false,
        singlepart: false,
      });
    const instance = () => new FetchedRequest() as unknown as XMLHttpRequest;
    type Json = Record<string, { Value?: unknown[] }>;

    test('stores, finds, and fetches data sets, files and frames', async () => {
      const [file] = files();
      if (file === undefined) throw new Error('no file');
      const datasets = [new Uint8Array(file).buffer];
      const stored = await client('scanner').storeInstances({
        datasets,
        request: { instance: instance() },
      } as never);
      expect(JSON.stringify(stored)).toContain('2.25.1001');
      const studies = (await client('supervisor').searchForStudies({
        queryParams: { PatientID: 'MSKU1234565' },
        request: { instance: instance() },
      } as never)) as Json[];
      expect(studies).toHaveLength(1);
      const studyInstanceUID = String(studies[0]?.['0020000D']?.Value?.[0]);
      const metadata = (await client('supervisor').retrieveStudyMetadata({
        studyInstanceUID,
        request: { instance: instance() },
      } as never)) as unknown as Json[];
      const image = metadata.find((one) => one['00280010']?.Value?.[0] === 20);
      const names = {
        studyInstanceUID,
        seriesInstanceUID: String(image?.['0020000E']?.Value?.[0]),
        sopInstanceUID: String(image?.['00080018']?.Value?.[0]),
      };
      const part10 = (await client('supervisor').retrieveInstance({
        ...names,
        request: { instance: instance() },
      } as never)) as ArrayBuffer;
      const path = join(folder, 'fetched.dcm');
      const original = (await parts(`${here}/studies/${studyInstanceUID}`, bearer())).map(
        ({ bytes }) => bytes,
      );
      writeFileSync(path, Buffer.from(part10));
      expect(python('import sys, pydicom; print(pydicom.dcmread(sys.argv[1]).SOPInstanceUID)', path)).toBe(
        names.sopInstanceUID,
      );
      expect(original).toHaveLength(3);
      const [frame] = (await client('supervisor').retrieveInstanceFrames({
        ...names,
        frameNumbers: [1],
        request: { instance: instance() },
      } as never)) as ArrayBuffer[];
      const measured = [0, 1].map((channel) => fakeSamples(order, channel).toString('hex'));
      expect(measured).toContain(Buffer.from(frame ?? new ArrayBuffer(0)).toString('hex'));
    });
  });

  test('what is transcoded for a viewer has the same elements and pixels by pydicom', async () => {
    const ours = await parts(`${here}/studies/2.25.1000`, bearer());
    const explicit = await parts(`${here}/studies/2.25.1000`, {
      ...bearer(),
      accept: 'multipart/related; type="application/dicom"',
    });
    for (const [i, { bytes }] of explicit.entries()) {
      writeFileSync(join(folder, `as-sent-${i}`), ours[i]?.bytes ?? Buffer.alloc(0));
      writeFileSync(join(folder, `explicit-${i}`), bytes);
      expect(python(compare, join(folder, `as-sent-${i}`), join(folder, `explicit-${i}`))).toBe('');
    }
    expect(explicit.map(({ type }) => type)).toEqual([
      'application/dicom; transfer-syntax=1.2.840.10008.1.2.1',
      'application/dicom; transfer-syntax=1.2.840.10008.1.2.1',
    ]);
  });
}
