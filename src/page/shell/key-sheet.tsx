import { useState } from 'react';
import { Button, Heading } from 'react-aria-components';
import { type WordKey, words } from '../words/words.ts';
import { areKeysOn, setKeys } from './keys.ts';
import { Sheet } from './sheet.tsx';

const rows: readonly (readonly [keys: readonly string[], what: WordKey])[] = [
  [['N'], 'keys.next'],
  [['1', '2', '3', '4'], 'keys.verdict'],
  [['Enter'], 'keys.send'],
  [['Z'], 'sent.takeBack'],
  [['!'], 'danger.raise'],
  [['W', 'S', 'D', 'A'], 'keys.window'],
  [['+', '-', '0', '9'], 'keys.zoom'],
  [['←', '→', '↑', '↓'], 'keys.move'],
  [['I'], 'viewer.invert'],
  [['L'], 'viewer.curve'],
  [['C'], 'viewer.channel'],
  [['M', 'O', 'G', 'R', 'T'], 'keys.draw'],
  [['K', 'J', 'H'], 'keys.measure'],
  [['←', '→', '↑', '↓', 'Enter', 'Esc'], 'keys.crosshair'],
  [['U', 'Backspace'], 'keys.undo'],
  [['F'], 'keys.findings'],
  [['P'], 'viewer.plain'],
  [['E', 'X'], 'keys.turn'],
  [['Q'], 'keys.loupe'],
  [['V', 'B', 'Y'], 'keys.compare'],
  [[',', '.'], 'keys.units'],
  [['8'], 'keys.asMeasured'],
  [['?'], 'keys.title'],
];

export function KeySheet({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const [isOn, setOn] = useState(areKeysOn);
  const turn = (on: boolean) => {
    setKeys(on);
    setOn(on);
  };
  return (
    <Sheet isOpen={isOpen} onClose={onClose}>
      <section>
        <Heading slot="title">{words('keys.title')}</Heading>
        <table>
          <tbody>
            {rows.map(([keys, what]) => (
              <tr key={what}>
                <td>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </td>
                <td>{words(what)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <label className="switch">
          <input type="checkbox" checked={isOn} onChange={(event) => turn(event.target.checked)} />
          {words('keys.single')}
        </label>
        <Button className="button" onPress={onClose}>
          {words('keys.close')}
        </Button>
      </section>
    </Sheet>
  );
}
