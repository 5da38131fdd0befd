import { pageHeader, Rejected, rejectionFrom } from '../api/client.ts';
import { reportNoResponse, reportResponse } from '../api/connection.ts';

/**
 * Sends one photograph as it is. By XMLHttpRequest, because `fetch` does not say how much has gone out.
 * @param onProgress - share that has gone out, from 0 to 1
 * @throws Rejected
 */
export function uploadPhotograph(
  caseId: string,
  file: File,
  onProgress: (share: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/cases/${encodeURIComponent(caseId)}/photographs`);
    request.setRequestHeader('content-type', file.type);
    request.setRequestHeader('nii-page', pageHeader());
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      reportResponse(request.status);
      if (request.status === 200) resolve();
      else reject(rejectionFrom(request.status, parseJson(request.responseText)));
    };
    request.onerror = () => {
      const lost = new Rejected(0, 'UNREACHABLE', 'The line was lost');
      reportNoResponse(lost);
      reject(lost);
    };
    request.send(file);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
