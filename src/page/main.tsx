import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ErrorBoundary } from './shell/error-boundary.tsx';
import { readLanguage } from './words/words.ts';
import './styles/tokens.css';
import './styles/page.css';
import './styles/case.css';
import './styles/marks.css';
import './styles/sections.css';
import './styles/vehicles.css';
import './styles/photographs.css';
import './styles/measures.css';
import './styles/small.css';

const place = document.querySelector('#page');
if (place === null) throw new Error('index.html has no element #page');
readLanguage();
createRoot(place).render(
  <ErrorBoundary>
    <App />
  </ErrorBoundary>,
);
