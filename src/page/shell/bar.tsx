import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, type Session } from '../api/client.ts';
import { chooseLanguage, currentLanguage, type Language, languages, words } from '../words/words.ts';
import { KeySheet } from './key-sheet.tsx';
import { useKeys } from './keys.ts';
import { CONTENT, goTo, usePath } from './location.ts';
import { SectionLinks } from './sections.tsx';
import { showTheme, storedTheme, type Theme } from './theme.ts';

export function Bar({ session }: { readonly session: Session }) {
  const [theme, setTheme] = useState<Theme>(storedTheme());
  const [isSheetOpen, openSheet] = useState(false);
  const path = usePath();
  useKeys([['?', () => openSheet(true)]]);
  const turn = () => {
    const next = theme === 'dark' ? 'light' : 'dark';
    showTheme(next);
    setTheme(next);
  };
  const signOut = async () => {
    await api.POST('/v1/session/end', {});
    window.location.assign('/');
  };
  return (
    <header className="bar">
      <a className="past" href={`#${CONTENT}`}>
        {words('app.past')}
      </a>
      <a
        className="brand"
        href="/"
        onClick={(event) => {
          event.preventDefault();
          goTo('/');
        }}
      >
        {words('app.title')}
      </a>
      <SectionLinks session={session} path={path} />
      <span className="quiet">{session.site === '*' ? session.administration : session.site}</span>
      <span className="end">
        <span className="quiet">{session.person?.name}</span>
        <Button className="button" onPress={() => openSheet(true)}>
          {words('app.keys')} <kbd>?</kbd>
        </Button>
        <select
          className="button"
          aria-label={words('app.language')}
          value={currentLanguage()}
          onChange={(event) => chooseLanguage(event.target.value as Language)}
        >
          {Object.entries(languages).map(([id, name]) => (
            <option key={id} value={id} lang={id}>
              {name}
            </option>
          ))}
        </select>
        <Button className="button" onPress={turn}>
          {words(theme === 'dark' ? 'app.theme.light' : 'app.theme.dark')}
        </Button>
        <Button className="button" onPress={() => void signOut()}>
          {words('app.signOut')}
        </Button>
      </span>
      <KeySheet isOpen={isSheetOpen} onClose={() => openSheet(false)} />
    </header>
  );
}
