import { words } from '../words/words.ts';

/** Leads to the provider of the administration, and back to where the page was. */
export function SignIn() {
  const { pathname, search } = window.location;
  const failed = /^[A-Z_]{1,40}$/.exec(new URLSearchParams(search).get('failed') ?? '')?.[0];
  const back = `/sign-in?to=${encodeURIComponent(failed === undefined ? pathname + search : pathname)}`;
  const wasHere = pathname !== '/';
  return (
    <main className="centre">
      <h1>{words('signIn.title')}</h1>
      {failed !== undefined && (
        <p className="notice bad" role="alert">
          {words('signIn.failed', { code: failed })}
        </p>
      )}
      <p className={wasHere ? 'notice' : 'quiet'}>{words(wasHere ? 'signIn.ended' : 'signIn.lead')}</p>
      <a className="button main large" href={back}>
        {words('signIn.button')}
      </a>
    </main>
  );
}
