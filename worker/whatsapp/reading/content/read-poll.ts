import { proto } from '@whiskeysockets/baileys';
import { firstOf, known, textOf, timeOf, wholeOf } from './from-network.ts';
import { placeOf } from './read-location.ts';
import type { Of } from './reading.ts';

const MOST_OPTIONS = 64;

export function readPoll(body: proto.Message.IPollCreationMessage): Of<'poll'> {
  const question = textOf(body.name) ?? '';
  return {
    type: 'poll',
    content: question || null,
    poll: known({
      question,
      options: firstOf(body.options, MOST_OPTIONS).map(({ optionName }) => textOf(optionName, 'line') ?? ''),
      selectableCount: wholeOf(body.selectableOptionsCount) ?? 0,
      quiz: body.pollType === proto.Message.PollType.QUIZ || undefined,
    }),
  };
}

export function readPollResult(body: proto.Message.IPollResultSnapshotMessage): Of<'poll'> {
  const question = textOf(body.name) ?? '';
  const results = firstOf(body.pollVotes, MOST_OPTIONS).map(({ optionName, optionVoteCount }) => ({
    option: textOf(optionName, 'line') ?? '',
    votes: wholeOf(optionVoteCount) ?? 0,
  }));
  const options = results.map(({ option }) => option);
  return {
    type: 'poll',
    content: question || null,
    poll: { question, options, selectableCount: 0, results },
  };
}

export function readCalendarEvent(body: proto.Message.IEventMessage): Of<'event'> {
  const name = textOf(body.name) ?? '';
  const place = body.location;
  return {
    type: 'event',
    content: name || null,
    event: known({
      name,
      description: textOf(body.description),
      startsAt: timeOf(body.startTime),
      endsAt: timeOf(body.endTime),
      location: place
        ? (placeOf(place) ?? known({ name: textOf(place.name, 'line'), address: textOf(place.address) }))
        : undefined,
      joinLink: textOf(body.joinLink, 'url'),
      guestsAllowed: body.extraGuestsAllowed || undefined,
      cancelled: body.isCanceled === true,
    }),
  };
}
