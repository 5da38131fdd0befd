import { isDeepStrictEqual } from 'node:util';
import { SITE } from '../harness.ts';
import type { Post } from './post.ts';
import { wayOf } from './vehicles.ts';

/** The scanner of this lane writes the time of the town, and no zone: one hour comes twice in October. */
export const LANE_WITHOUT_ZONE = 2;
export const TOWN = 'Europe/Amsterdam';

const siteUrl = `/v1/sites/${SITE}`;
/** What its files do not say, the site does. */
const scannerWithoutZone = {
  url: `/v1/scanners/${SITE}/fake.scanner-${LANE_WITHOUT_ZONE}`,
  terms: { sendersAllowed: [], zone: TOWN },
};

/** What two administrators of the site agree on: pairs of portals and scanners, and the zone of a scanner. */
export class SiteRules {
  readonly #post: Post;
  readonly #windows: readonly object[];
  #isZoneStated = false;

  constructor(post: Post, lanes: readonly number[]) {
    this.#post = post;
    this.#windows = lanes.map(windowOf);
  }

  stateWindows(): Promise<void> {
    return this.#agreeOn(siteUrl, { mode: 'live', windows: this.#windows });
  }

  get isZoneStated(): boolean {
    return this.#isZoneStated;
  }

  /** Once it has sent something that was converted, the scanner is known. */
  async stateZone(): Promise<void> {
    const { url, terms } = scannerWithoutZone;
    if (this.#isZoneStated || (await this.#get(url)).statusCode !== 200) return;
    await this.#agreeOn(url, terms);
    this.#isZoneStated = true;
  }

  /**
   * What was agreed on before the backup has to be there again. A zone that was stated later is lost, and is stated again.
   * @param wasZoneStated - when the backup was taken
   */
  async checkRestored(wasZoneStated: boolean): Promise<void> {
    const site = (await this.#get(siteUrl)).json();
    if (!isDeepStrictEqual(site.terms.windows, this.#windows))
      throw new Error(`the restored site has not the windows of before: ${JSON.stringify(site)}`);
    this.#isZoneStated = wasZoneStated;
    if (!wasZoneStated) return;
    const scanner = await this.#get(scannerWithoutZone.url);
    if (scanner.json().zone !== TOWN) throw new Error(`the restored scanner has no zone: ${scanner.body}`);
  }

  #get(url: string) {
    return this.#post.as('administrator', { url });
  }

  /** One administrator proposes it, and another one agrees where it takes two. */
  async #agreeOn(url: string, payload: object): Promise<void> {
    const tag = async () => ({ 'if-match': String((await this.#get(url)).headers.etag ?? '"0"') });
    const put = await this.#post.as('administrator', { method: 'PUT', url, payload, headers: await tag() });
    if (put.statusCode === 200) return;
    const agreed = await this.#post.ask(await this.#post.newPerson('administrator'), {
      method: 'POST',
      url: `${url}/confirmation`,
      headers: await tag(),
      payload: {},
    });
    if (agreed.statusCode !== 200) throw new Error(`${url}: ${put.body} ${agreed.body}`);
  }
}

/** When the scanner of a lane scans after its portal: the way, and two minutes more or less. */
function windowOf(lane: number): object {
  const { mean, spread } = wayOf(lane);
  return {
    portal: { lane: `lane-${lane}` },
    scanner: `fake.scanner-${lane}`,
    fromSeconds: Math.max(0, mean - spread - 2) * 60,
    toSeconds: (mean + spread + 2) * 60,
  };
}
