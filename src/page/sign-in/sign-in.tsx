import { words } from '../words/words.ts';

/** Leads to the provider of the administration, and back to where the page was. */
export function SignIn() {
  const back = `/sign-in?to=${encodeURIComponent(window.location.pathname)}`;
  const wasHere = window.location.pathname !== '/';
  return (
    <main className="centre">
      <h1>{words('signIn.title')}</h1>
      <p className={wasHere ? 'notice' : 'quiet'}>{words(wasHere ? 'signIn.ended' : 'signIn.lead')}</p>
      <a className="button main large" href={back}>
        {words('signIn.button')}
      </a>
    </main>
  );
}
