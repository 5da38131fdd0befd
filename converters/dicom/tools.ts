import type { DicomTools, Sdk } from '../../src/sdk/sdk.ts';

/** The SDK with its DICOM tools at hand. */
export type DicomSdk = Omit<Sdk, 'dicom'> & { readonly dicom: DicomTools };

export async function withDicom(sdk: Sdk): Promise<DicomSdk> {
  return { ...sdk, dicom: await sdk.dicom() };
}
