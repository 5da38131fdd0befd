/** The part of a browser's XMLHttpRequest that dicomweb-client uses, over Node's fetch. */
export class FetchedRequest {
  responseType = '';
  withCredentials = false;
  readyState = 0;
  status = 0;
  response: unknown = null;
  onreadystatechange: () => void = () => {};
  onloadstart: () => void = () => {};
  onloadend: () => void = () => {};
  readonly #sent = new Headers();
  #received = new Headers();
  #method = 'GET';
  #url = '';

  open(method: string, url: string): void {
    this.#method = method.toUpperCase();
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#sent.set(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.#received.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.#received].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body?: ArrayBuffer): void {
    void this.#run(body);
  }

  async #run(body: ArrayBuffer | undefined): Promise<void> {
    const init = { method: this.#method, headers: this.#sent, ...(body === undefined ? {} : { body }) };
    const answer = await fetch(this.#url, init);
    this.#received = answer.headers;
    this.response = await this.#bodyOf(answer);
    this.status = answer.status;
    this.readyState = 4;
    this.onreadystatechange();
  }

  #bodyOf(answer: Response): Promise<unknown> {
    if (this.responseType === 'json') return answer.json();
    return this.responseType === 'arraybuffer' ? answer.arrayBuffer() : answer.text();
  }
}
