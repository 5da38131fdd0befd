import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, type Session } from '../api/client.ts';
import { chooseLanguage, currentLanguage, type Language, languages, words } from '../words/words.ts';
import { KeySheet } from './key-sheet.tsx';
import { useKeys } from './keys.ts';
import { CONTENT, usePath } from './location.ts';
import { PageLink } from './page-link.tsx';
import { SectionLinks } from './sections.tsx';
import { showTheme, storedTheme, type Theme } from './theme.ts';

async function signOut(): Promise<void> {
  await api.POST('/v1/session/end', {});
  window.location.assign('/');
}

/** The bar above every page: links to the sections, who is signed in, and settings of this browser. */
export function Bar({ session }: { readonly session: Session }) {
  const [isSheetOpen, openSheet] = useState(false);
  const path = usePath();
  useKeys([['?', () => openSheet(true)]]);
  return (
    <header className="bar">
      <a className="past" href={`#${CONTENT}`}>
        {words('app.past')}
      </a>
      <PageLink className="brand" to="/">
        {words('app.title')}
      </PageLink>
      <SectionLinks session={session} path={path} />
      <span className="quiet">{session.site === '*' ? session.administration : session.site}</span>
      <span className="end">
        <span className="quiet">{session.person?.name}</span>
        <Button className="button" onPress={() => openSheet(true)}>
          {words('app.keys')} <kbd>?</kbd>
        </Button>
        <LanguageChoice />
        <ThemeButton />
        <Button className="button" onPress={() => void signOut()}>
          {words('app.signOut')}
        </Button>
      </span>
      <KeySheet isOpen={isSheetOpen} onClose={() => openSheet(false)} />
    </header>
  );
}

function LanguageChoice() {
  return (
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
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(storedTheme());
  const other = theme === 'dark' ? 'light' : 'dark';
  const turn = () => {
    showTheme(other);
    setTheme(other);
  };
  return (
    <Button className="button" onPress={turn}>
      {words(`app.theme.${other}`)}
    </Button>
  );
}
