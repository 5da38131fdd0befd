import { useState } from 'react';
import { Button } from 'react-aria-components';
import { previewedChannel } from '../../core/scan/channel-kinds.ts';
import { turnedCorner, turnedSides } from '../../core/scan/turn.ts';
import type { Case, ScanRecord } from '../api/client.ts';
import { useMaskedLines } from '../case/loading/masked.ts';
import { words } from '../words/words.ts';

/** The service's picture of a scan, with the regions of a verdict drawn over it. */

type Regions = NonNullable<Case['verdicts'][number]['regions']>;
type Region = Regions[number];
type View = ScanRecord['views'][number];

interface Props {
  readonly scanId: string;
  readonly revision: number | 'latest';
  readonly record: ScanRecord | undefined;
  readonly regions: Regions;
}

/** What a picture was drawn from. */
interface Drawn {
  readonly view: string;
  readonly display: View['display'];
  /** Of the stored samples. */
  readonly rows: number;
  readonly columns: number;
}

const cornersOf = (region: Region): readonly (readonly [number, number])[] => {
  if ('points' in region) return region.points.map(({ x, y }) => [x, y]);
  const [right, bottom] = [region.x + region.width, region.y + region.height];
  return [
    [region.x, region.y],
    [right, region.y],
    [right, bottom],
    [region.x, bottom],
  ];
};

export function Preview({ scanId, revision, record, regions }: Props) {
  const previewed = previewedChannel(record?.views ?? []);
  const { view, channel } = previewed ?? {};
  const shown = view && channel && { ...channel, view: view.id, display: view.display };
  const address = `/v1/scans/${encodeURIComponent(scanId)}/revisions/${revision}/preview?of=scan`;
  const isCabMasked = useMaskedLines(scanId, revision).some((lines) => lines.view === view?.id);
  return <MarkedPicture {...{ address, shown, regions, isCabMasked }} />;
}

interface MarkedPictureProps {
  readonly address: string;
  readonly shown: Drawn | undefined;
  readonly regions: Regions;
  readonly isCabMasked: boolean;
}

/** A picture of the service with the regions that lie in it. */
export function MarkedPicture({ address, shown, regions, isCabMasked }: MarkedPictureProps) {
  const [isLarge, setLarge] = useState(false);
  const drawn = regions.filter(({ view }) => view === shown?.view);
  const numbers = new Map(regions.map((region, i) => [region, i + 1]));
  const elsewhere = regions.length - drawn.length;
  return (
    <div className="preview">
      <section
        className="sheet-of-picture"
        // it scrolls, and keys can only scroll what has the focus
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        aria-label={words('viewer.preview')}
      >
        <div className={isLarge ? 'marked large' : 'marked'}>
          <img src={address} alt={words('search.picture', { count: drawn.length })} />
          {shown !== undefined && <Marks view={shown} sides={shown} regions={drawn} numbers={numbers} />}
        </div>
      </section>
      <div className="caption">
        <Button className="button" onPress={() => setLarge(!isLarge)}>
          {words(isLarge ? 'search.smaller' : 'search.larger')}
        </Button>
        {isCabMasked && <span className="quiet">{words('viewer.cabMasked')}</span>}
        {elsewhere > 0 && <span className="quiet">{words('search.otherViews', { count: elsewhere })}</span>}
      </div>
    </div>
  );
}

interface MarksProps {
  readonly view: Pick<View, 'display'>;
  /** Of the stored samples. */
  readonly sides: { readonly rows: number; readonly columns: number };
  readonly regions: Regions;
  /** Of all regions of the verdict: what is written beside them has the same. */
  readonly numbers: ReadonlyMap<Region, number>;
}

function Marks({ view, sides, regions, numbers }: MarksProps) {
  const { rows, columns } = turnedSides(sides, view.display);
  return (
    <svg viewBox={`0 0 ${columns} ${rows}`} preserveAspectRatio="none" aria-hidden="true">
      {regions.map((region) => {
        const points = cornersOf(region)
          .map((corner) => turnedCorner(corner, sides, view.display).join(','))
          .join(' ');
        return <polygon key={points} points={points} />;
      })}
      {regions.map((region) => {
        const number = numbers.get(region);
        const [corner] = cornersOf(region);
        if (number === undefined || region.text === undefined || corner === undefined) return null;
        const [x, y] = turnedCorner(corner, sides, view.display);
        return (
          <text key={number} x={x} y={y - rows / 100} fontSize={rows / 16}>
            {number}
          </text>
        );
      })}
    </svg>
  );
}
