import type { MappedLayout } from './layout-mapped-schema.ts';
import { VIEW } from './layout-parts.ts';
import type { RawLayout } from './layout-schema.ts';

/** The short form for one file, a header and then samples, as the general one. */
export function asMapped(layout: RawLayout): MappedLayout {
  const { fields, rows, columns, dataOffset, bits, endian, sampleFormat, order, channels } = layout;
  const { manufacturer, model, display, pitch } = layout;
  return {
    kind: 'mapped',
    fields,
    views: [
      {
        id: VIEW,
        ...(display === undefined ? {} : { display }),
        ...(pitch === undefined ? {} : { pitch }),
        samples: {
          at: dataOffset,
          rows,
          columns,
          bits,
          endian,
          order,
          ...(sampleFormat === undefined ? {} : { sampleFormat }),
        },
        channels,
      },
    ],
    record: {
      ...(manufacturer === undefined ? {} : { manufacturer }),
      ...(model === undefined ? {} : { model }),
    },
  };
}
