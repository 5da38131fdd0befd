import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, rejectionText } from '../api/client.ts';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { AdviceConversation, useAdvice } from './conversation.tsx';

/** A colleague looks along: the question, what is said, and an answer of one's own. No verdict is here. */
export function GiveAdvice({ caseId }: { readonly caseId: string }) {
  const { value, problem: missing, reload } = useAdvice(caseId);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const isOver = missing !== undefined || value?.questions.length === 0;
  const answer = async () => {
    setProblem(undefined);
    try {
      const body = { words: text.trim() };
      await api.POST('/v1/cases/{caseId}/advice/answer', { params: { path: { caseId } }, body });
      setText('');
    } catch (error) {
      setProblem(rejectionText(error));
    }
    await reload();
  };
  return (
    <form
      className="verdict"
      aria-label={words('advice.title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void answer();
      }}
    >
      <p className="notice" role="status">
        {words(isOver ? 'advice.over' : 'advice.along')}
      </p>
      <AdviceConversation advice={value} />
      <label>
        <span className="quiet">{words('advice.answer')}</span>
        <textarea value={text} maxLength={4096} onChange={(event) => setText(event.target.value)} />
      </label>
      {problem !== undefined && <ProblemNotice message={problem} />}
      <div className="row">
        <Button className="button" onPress={() => goTo('/')}>
          {words('advice.leave')}
        </Button>
        <Button className="button main" type="submit" isDisabled={isOver || text.trim() === ''}>
          {words('advice.send')}
        </Button>
      </div>
    </form>
  );
}
