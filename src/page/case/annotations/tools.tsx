import { words } from '../../words/words.ts';
import { IconToggle } from '../reading/icon.tsx';
import { type DrawingTool, drawingTools, isMeasure } from './drawing.ts';

/** Tools that draw and measure, each with its key. */

export const keyOf: Readonly<Record<DrawingTool | 'histogram', string>> = {
  point: 'o',
  box: 'm',
  polygon: 'g',
  arrow: 'r',
  text: 't',
  line: 'k',
  area: 'j',
  histogram: 'h',
};

const icons: Readonly<Record<DrawingTool | 'histogram', string>> = {
  point: 'M8 2v12M2 8h12',
  box: 'M2.5 4h11v8h-11z',
  polygon: 'M3 12l1-7 6-2 4 6-4 5z',
  arrow: 'M13 3L3 13M3 13V7M3 13h6',
  text: 'M3 4h10M8 4v9',
  line: 'M2 13L14 3M2 10v4h4M14 6V2h-4',
  area: 'M2.5 3.5h11v9h-11zM5 10l2-3 2 2 2-4',
  histogram: 'M2 14V9h3v5M6 14V4h3v10M10 14V7h3v7',
};

interface Props {
  readonly tool: DrawingTool | undefined;
  readonly onTool: (tool: DrawingTool | undefined) => void;
  readonly isHeld: boolean;
  readonly isHistogramShown: boolean;
  readonly onHistogram: () => void;
}

export function DrawingTools({ tool, onTool, isHeld, isHistogramShown, onHistogram }: Props) {
  return (
    <span className="group">
      {drawingTools.map((one) => (
        <Tool
          key={one}
          name={one}
          isSelected={tool === one}
          isDisabled={!isHeld && !isMeasure(one)}
          onChange={(on) => onTool(on ? one : undefined)}
        />
      ))}
      <Tool name="histogram" isSelected={isHistogramShown} onChange={onHistogram} />
    </span>
  );
}

interface ToolProps {
  readonly name: DrawingTool | 'histogram';
  readonly isSelected: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

function Tool({ name, isSelected, isDisabled = false, onChange }: ToolProps) {
  return (
    <IconToggle
      name={words(`marks.shape.${name}`)}
      shortcut={keyOf[name].toUpperCase()}
      path={icons[name]}
      {...{ isSelected, isDisabled, onChange }}
    />
  );
}
