import { useState } from 'react';
import { Button } from 'react-aria-components';
import { useAction } from '../api/action.ts';
import { api } from '../api/client.ts';
import { Form, TextArea } from '../shell/form.tsx';
import { goTo } from '../shell/location.ts';
import { ProblemNotice } from '../shell/problem.tsx';
import { words } from '../words/words.ts';
import { AdviceConversation, useAdvice } from './conversation.tsx';

/** For a colleague who observes a case: the question, what was said, and an answer of their own. It has no verdict. */
export function GiveAdvice({ caseId }: { readonly caseId: string }) {
  const { value, problem: missing, reload } = useAdvice(caseId);
  const [text, setText] = useState('');
  const { problem, run } = useAction();
  const isOver = missing !== undefined || value?.questions.length === 0;
  const answer = async () => {
    await run(async () => {
      const body = { words: text.trim() };
      await api.POST('/v1/cases/{caseId}/advice/answer', { params: { path: { caseId } }, body });
      setText('');
    });
    await reload();
  };
  return (
    <Form label={words('advice.title')} onSubmit={() => text.trim() !== '' && void answer()}>
      <p className="notice" role="status">
        {words(isOver ? 'advice.over' : 'advice.along')}
      </p>
      <AdviceConversation advice={value} />
      <TextArea label={words('advice.answer')} value={text} onChange={setText} />
      {problem !== undefined && <ProblemNotice message={problem} />}
      <div className="row">
        <Button className="button" onPress={() => goTo('/')}>
          {words('advice.leave')}
        </Button>
        <Button className="button main" type="submit" isDisabled={isOver || text.trim() === ''}>
          {words('advice.send')}
        </Button>
      </div>
    </Form>
  );
}
