"""Asks Assent, and takes everything but a permit whose terms are kept for a no. Python 3.9 or later, no packages."""
import http.client
import itertools
import json
import os
import socket
import threading
import urllib.parse
import uuid
from dataclasses import dataclass

LOOPBACK = ('127.0.0.1', '::1', 'localhost')
# users of one request for an audience, and bytes of an answer: around, for each question, for each field of a user
PART = 1_000
AROUND, EACH, EACH_FIELD = 65_536, 8_192, 512


@dataclass(frozen=True)
class Answer:
    permitted: bool
    reason: str

    def __bool__(self):
        return self.permitted


class No(Exception):
    """Why there is no answer to rest on."""


class Assent:
    def __init__(self, url, token, purpose, discharges=(), timeout=2.0):
        """`discharges`: ids of the obligations that the caller keeps. `timeout`: seconds for a whole answer."""
        self._url = urllib.parse.urlsplit(url)
        if self._url.scheme != 'https' and self._url.hostname not in LOOPBACK:
            raise ValueError('`url` is not safe for a token: set an https address, or a loopback one')
        self._token, self._purpose, self._timeout = token, purpose, timeout
        self._discharges = frozenset(discharges)

    def check(self, user, field):
        return self.check_many([(user, field)])[0]

    def check_many(self, questions):
        """An answer for each (user, field), in order; up to 1,000. What goes wrong is a no, and raises nothing."""
        body = {
            'subject': {'type': 'purpose', 'id': self._purpose},
            'action': {'name': 'read'},
            'evaluations': [
                {'resource': {'type': 'field', 'id': field, 'properties': {'user': user}}}
                for user, field in questions
            ],
        }
        try:
            most = AROUND + EACH * len(questions)
            text = self._exchange('/access/v1/evaluations', 'application/json', json.dumps(body), most)
            evaluations = member(parsed(text), 'evaluations')
            if not isinstance(evaluations, list) or len(evaluations) != len(questions):
                raise No('malformed_answer')
            return [self._answer(evaluation) for evaluation in evaluations]
        except No as why:
            return [Answer(False, str(why))] * len(questions)

    def filter(self, user, record):
        """What may be read of a record of this user. Each name is a field."""
        answers = self.check_many([(user, field) for field in record])
        return {field: record[field] for field, answer in zip(record, answers) if answer.permitted}

    def audience(self, users, fields):
        """Yields (user, fields that may be read) for each of any number of users, in order."""
        users = iter(users)
        while part := list(itertools.islice(users, PART)):
            try:
                yield from self._part(part, fields)
            except No:
                yield from ((user, []) for user in part)

    def explain(self, user, field):
        """A sentence for people, which names no user."""
        answer = self.check(user, field)
        if answer.permitted:
            return f'{self._purpose} may read {field} of this user'
        return f'{self._purpose} may not read {field} of this user: {answer.reason}'

    def _answer(self, evaluation):
        decision, context = member(evaluation, 'decision'), member(evaluation, 'context')
        reason = member(context, 'reason')
        if decision is False:
            return Answer(False, reason if is_text(reason) else 'invalid_question')
        # not `== True`, which 1 is as well
        if decision is not True or reason != 'permitted' or member(context, 'error') is not None:
            raise No('malformed_answer')
        return Answer(True, reason) if self._keeps(context) else Answer(False, 'unknown_obligation')

    def _keeps(self, terms):
        """Whether the caller keeps every obligation of what is permitted on these terms."""
        obligations = member(terms, 'obligations')
        if not is_texts(obligations) or not is_text(member(terms, 'policy')) or not is_text(member(terms, 'revision')):
            raise No('malformed_answer')
        return self._discharges.issuperset(obligations)

    def _part(self, part, fields):
        query = urllib.parse.urlencode({'purpose': self._purpose, 'fields': ','.join(fields)})
        body = ''.join(json.dumps(user) + '\n' for user in part)
        most = AROUND + (EACH + EACH_FIELD * len(fields)) * len(part)
        text = self._exchange(f'/v1/audiences?{query}', 'application/x-ndjson', body, most)
        *lines, rest = text.split('\n')
        # the last line is the proof that nothing was cut off
        if rest != '' or len(lines) != len(part) + 1:
            raise No('malformed_answer')
        *answers, summary = (parsed(line) for line in lines)
        passing = []
        malformed = 0
        for number, (user, line) in enumerate(zip(part, answers), 1):
            permitted, error = member(line, 'fields'), member(line, 'error')
            if is_text(error) and member(line, 'line') == number:
                malformed, permitted = malformed + 1, []
            elif error is not None or member(line, 'user') != user or not is_texts(permitted):
                raise No('malformed_answer')
            if len(permitted) != sum(field in permitted for field in set(fields)):
                raise No('malformed_answer')
            passing.append((user, permitted))
        counted = (member(summary, 'users'), member(summary, 'malformed_lines'))
        if counted != (len(part) - malformed, malformed):
            raise No('malformed_answer')
        if not self._keeps(summary):
            raise No('unknown_obligation')
        return passing

    def _exchange(self, path, media, body, most):
        """The body of a whole answer to this very request."""
        request = str(uuid.uuid4())
        headers = {
            'authorization': f'Bearer {self._token}',
            'content-type': media,
            'accept': media,
            'accept-encoding': 'identity',
            'x-request-id': request,
        }
        secure = self._url.scheme == 'https'
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._url.hostname, self._url.port, timeout=self._timeout)
        is_late = threading.Event()
        timer = None
        try:
            connection.connect()
            # the time-out of a socket is for each read, and many reads may be slow
            timer = threading.Timer(self._timeout, end, (connection.sock, is_late))
            timer.start()
            connection.request('POST', self._url.path.rstrip('/') + path, body.encode(), headers)
            response = connection.getresponse()
            content = response.read(most + 1)
        except socket.timeout:
            raise No('timed_out') from None
        except (OSError, http.client.HTTPException, ValueError):
            raise No('timed_out' if is_late.is_set() else 'unreachable') from None
        finally:
            if timer is not None:
                timer.cancel()
            connection.close()
        if is_late.is_set():
            raise No('timed_out')
        if response.status != 200:
            raise No(f'status_{response.status}')
        given = response.headers
        media_type, _, charset = given.get('content-type', '').replace(' ', '').lower().partition(';')
        # `length` is what was promised and did not come: `read` with a limit raises nothing then
        whole = len(content) <= most and not response.length and given.get('content-encoding') is None
        if not whole or given.get_all('x-request-id') != [request]:
            raise No('malformed_answer')
        if media_type != media or charset not in ('', 'charset=utf-8'):
            raise No('malformed_answer')
        try:
            return content.decode('utf-8')
        except UnicodeDecodeError:
            raise No('malformed_answer') from None


def end(connection, is_late):
    is_late.set()
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def parsed(text):
    """The value of a JSON text of which every reader would take the same: a name that stands twice is refused."""
    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise No('malformed_answer') from None


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError('a name stands twice')
    return members


def member(value, name):
    return value.get(name) if isinstance(value, dict) else None


def is_text(value):
    return isinstance(value, str) and value != ''


def is_texts(value):
    return isinstance(value, list) and all(is_text(text) for text in value)


def main():
    assent = Assent(
        url=os.environ.get('ASSENT_URL', 'http://127.0.0.1:3000'),
        token=os.environ.get('ASSENT_TOKEN', ''),
        purpose='ads.personalised',
        # groups of 300 are groups of 50 as well
        discharges=['min_cohort_50', 'min_cohort_300'],
        timeout=float(os.environ.get('ASSENT_TIMEOUT', '2')),
    )
    users = ['u-123', 'u-456']
    print('check:', 'yes' if assent.check('u-123', 'member.skills') else 'no')
    answers = assent.check_many([(user, 'member.skills') for user in users])
    print('check many:', ', '.join('yes' if answer else 'no' for answer in answers))
    record = assent.filter('u-123', {'member.skills': 'welding', 'message.body': 'hello'})
    print('filter:', ', '.join(record) or 'nothing')
    passing = [user for user, fields in assent.audience(users, ['member.skills']) if 'member.skills' in fields]
    print('audience:', ', '.join(passing) or 'nobody')
    print('explain:', assent.explain('u-456', 'member.skills'))


if __name__ == '__main__':
    main()
