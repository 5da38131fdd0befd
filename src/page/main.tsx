import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { SayFailures } from './shell/failed.tsx';
import { readLanguage } from './words/words.ts';
import './styles/tokens.css';
import './styles/page.css';
import './styles/case.css';
import './styles/marks.css';
import './styles/places.css';
import './styles/photographs.css';
import './styles/measures.css';
import './styles/small.css';

const place = document.querySelector('#page');
if (place === null) throw new Error('index.html has no element #page');
readLanguage();
createRoot(place).render(
  <SayFailures>
    <App />
  </SayFailures>,
);
