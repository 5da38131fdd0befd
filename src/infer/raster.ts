/**
 * How the pixels of an upright picture lie in stored samples: pixel (row, column) is sample
 * `offset + row * rowStep + column * columnStep`. Turning and mirroring change the steps, never the samples.
 */
export interface Raster {
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** The display rule of a view: first flip the rows, then rotate counter-clockwise, then flip the columns. */
export interface DisplayRule {
  readonly flipRows: boolean;
  readonly rotate: 0 | 90 | 180 | 270;
  readonly flipColumns: boolean;
}

/** Half-open rectangle of pixels. */
export interface Rectangle {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly columnFrom: number;
  readonly columnTo: number;
}

/** Pixels as they are stored, row by row. */
function storedRaster(rows: number, columns: number): Raster {
  return { rows, columns, offset: 0, rowStep: columns, columnStep: 1 };
}

/** The upright picture of stored samples. */
export function displayRaster(rows: number, columns: number, rule: DisplayRule): Raster {
  const flipped = flipRows(storedRaster(rows, columns), rule.flipRows);
  return flipColumns(rotate(flipped, rule.rotate), rule.flipColumns);
}

/** The way back: stored samples as pixels of an upright picture of the given size. */
export function storedFromDisplay(rows: number, columns: number, rule: DisplayRule): Raster {
  const flipped = flipColumns(storedRaster(rows, columns), rule.flipColumns);
  return flipRows(rotate(flipped, backwards(rule.rotate)), rule.flipRows);
}

/** True when the rows of the picture run along stored columns. */
export function isTurned(rule: DisplayRule): boolean {
  return rule.rotate === 90 || rule.rotate === 270;
}

/** The rectangle of source samples that a rectangle of pixels covers. */
export function sourceRectangle(raster: Raster, sourceColumns: number, pixels: Rectangle): Rectangle {
  const first = sampleAt(raster, pixels.rowFrom, pixels.columnFrom);
  const last = sampleAt(raster, pixels.rowTo - 1, pixels.columnTo - 1);
  const rows = [Math.floor(first / sourceColumns), Math.floor(last / sourceColumns)];
  const columns = [first % sourceColumns, last % sourceColumns];
  return {
    rowFrom: Math.min(...rows),
    rowTo: Math.max(...rows) + 1,
    columnFrom: Math.min(...columns),
    columnTo: Math.max(...columns) + 1,
  };
}

export function sampleAt({ offset, rowStep, columnStep }: Raster, row: number, column: number): number {
  return offset + row * rowStep + column * columnStep;
}

function flipRows(raster: Raster, flip: boolean): Raster {
  if (!flip) return raster;
  return { ...raster, offset: sampleAt(raster, raster.rows - 1, 0), rowStep: -raster.rowStep };
}

function flipColumns(raster: Raster, flip: boolean): Raster {
  if (!flip) return raster;
  return { ...raster, offset: sampleAt(raster, 0, raster.columns - 1), columnStep: -raster.columnStep };
}

function rotate(raster: Raster, degrees: DisplayRule['rotate']): Raster {
  let turned = raster;
  for (let quarter = 0; quarter < degrees / 90; quarter++) turned = quarterTurn(turned);
  return turned;
}

/** Counter-clockwise: the last column becomes the first row. */
function quarterTurn(raster: Raster): Raster {
  return {
    rows: raster.columns,
    columns: raster.rows,
    offset: sampleAt(raster, 0, raster.columns - 1),
    rowStep: -raster.columnStep,
    columnStep: raster.rowStep,
  };
}

function backwards(degrees: DisplayRule['rotate']): DisplayRule['rotate'] {
  if (degrees === 90) return 270;
  return degrees === 270 ? 90 : degrees;
}

/** Pixels of a rectangle. */
export function areaOf({ rowFrom, rowTo, columnFrom, columnTo }: Rectangle): number {
  return (rowTo - rowFrom) * (columnTo - columnFrom);
}

/** Pixels that two rectangles share. */
export function sharedArea(a: Rectangle, b: Rectangle): number {
  const rows = Math.min(a.rowTo, b.rowTo) - Math.max(a.rowFrom, b.rowFrom);
  const columns = Math.min(a.columnTo, b.columnTo) - Math.max(a.columnFrom, b.columnFrom);
  return Math.max(0, rows) * Math.max(0, columns);
}
