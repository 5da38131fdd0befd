import { defined } from '../../core/defined.ts';
import type { RawLayout } from '../schema/layout.ts';
import type { MappedLayout } from '../schema/mapped.ts';
import { VIEW } from './parts.ts';

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
        ...defined({ display, pitch }),
        samples: {
          at: dataOffset,
          rows,
          columns,
          bits,
          endian,
          order,
          ...defined({ sampleFormat }),
        },
        channels,
      },
    ],
    record: {
      ...defined({ manufacturer, model }),
    },
  };
}
