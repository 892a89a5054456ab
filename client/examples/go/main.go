// Asks Assent, and takes everything but a permit whose terms are kept for a no. Go 1.19 or later, no modules.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Users of one request for an audience, and bytes of an answer: around, for each question, for each field of a user.
const (
	part      = 1_000
	around    = 65_536
	each      = 8_192
	eachField = 512
)

var (
	errMalformed  = errors.New("malformed_answer")
	errObligation = errors.New("unknown_obligation")
	errTimedOut   = errors.New("timed_out")
	errUnreached  = errors.New("unreachable")
	errQuestion   = errors.New("invalid_question")
)

// Question is whether a field of a user may be read.
type Question struct{ User, Field string }

// Answer is a no unless it is permitted.
type Answer struct {
	Permitted bool
	Reason    string
}

// Allowed is what may be read of a user.
type Allowed struct {
	User   string
	Fields []string
}

// Assent asks for one purpose. Discharges are the obligations that the caller keeps.
type Assent struct {
	base, token, purpose string
	discharges           map[string]bool
	client               http.Client
}

// New makes a client. The time-out is that of a whole answer.
func New(base, token, purpose string, discharges []string, timeout time.Duration) (*Assent, error) {
	address, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	host := address.Hostname()
	if address.Scheme != "https" && host != "127.0.0.1" && host != "::1" && host != "localhost" {
		return nil, errors.New("the address is not safe for a token: set an https address, or a loopback one")
	}
	kept := map[string]bool{}
	for _, id := range discharges {
		kept[id] = true
	}
	return &Assent{strings.TrimRight(base, "/"), token, purpose, kept, http.Client{
		Timeout: timeout,
		// otherwise Go asks for gzip and unpacks it
		Transport: &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}, nil
}

// Check asks one question.
func (a *Assent) Check(ctx context.Context, user, field string) Answer {
	return a.CheckMany(ctx, []Question{{user, field}})[0]
}

// CheckMany answers each question, in order; up to 1,000. What goes wrong is a no.
func (a *Assent) CheckMany(ctx context.Context, questions []Question) []Answer {
	answers, err := a.ask(ctx, questions)
	if err == nil {
		return answers
	}
	answers = make([]Answer, len(questions))
	for at := range answers {
		answers[at].Reason = err.Error()
	}
	return answers
}

// Filter leaves of a record what may be read. Each name is a field.
func (a *Assent) Filter(ctx context.Context, user string, record map[string]any) map[string]any {
	questions := []Question{}
	for field := range record {
		questions = append(questions, Question{user, field})
	}
	shown := map[string]any{}
	for at, answer := range a.CheckMany(ctx, questions) {
		if answer.Permitted {
			shown[questions[at].Field] = record[questions[at].Field]
		}
	}
	return shown
}

// Audience tells of each of any number of users, in order, what may be read.
func (a *Assent) Audience(ctx context.Context, users, fields []string, tell func(Allowed)) {
	for len(users) > 0 {
		size := len(users)
		if size > part {
			size = part
		}
		allowed, err := a.part(ctx, users[:size], fields)
		for at, user := range users[:size] {
			if err != nil {
				tell(Allowed{User: user})
			} else {
				tell(Allowed{user, allowed[at]})
			}
		}
		users = users[size:]
	}
}

// Explain is a sentence for people, which names no user.
func (a *Assent) Explain(ctx context.Context, user, field string) string {
	answer := a.Check(ctx, user, field)
	if answer.Permitted {
		return fmt.Sprintf("%s may read %s of this user", a.purpose, field)
	}
	return fmt.Sprintf("%s may not read %s of this user: %s", a.purpose, field, answer.Reason)
}

func (a *Assent) ask(ctx context.Context, questions []Question) ([]Answer, error) {
	items := []any{}
	for _, q := range questions {
		// what is not UTF-8 would be sent as the id of somebody else
		if !utf8.ValidString(q.User) || !utf8.ValidString(q.Field) {
			return nil, errQuestion
		}
		properties := map[string]any{"user": q.User}
		items = append(items, map[string]any{
			"resource": map[string]any{"type": "field", "id": q.Field, "properties": properties},
		})
	}
	body, err := json.Marshal(map[string]any{
		"subject":     map[string]any{"type": "purpose", "id": a.purpose},
		"action":      map[string]any{"name": "read"},
		"evaluations": items,
	})
	if err != nil {
		return nil, errQuestion
	}
	text, err := a.exchange(ctx, "/access/v1/evaluations", "application/json", body, around+each*len(questions))
	if err != nil {
		return nil, err
	}
	value, err := read(text)
	if err != nil {
		return nil, err
	}
	evaluations, ok := member(value, "evaluations").([]any)
	if !ok || len(evaluations) != len(questions) {
		return nil, errMalformed
	}
	answers := make([]Answer, len(questions))
	for at, evaluation := range evaluations {
		if answers[at], err = a.answer(evaluation); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func (a *Assent) answer(evaluation any) (Answer, error) {
	terms := member(evaluation, "context")
	reason, _ := member(terms, "reason").(string)
	switch member(evaluation, "decision") {
	case false:
		if reason == "" {
			reason = errQuestion.Error()
		}
		return Answer{false, reason}, nil
	case true:
		if reason != "permitted" || member(terms, "error") != nil {
			return Answer{}, errMalformed
		}
		err := a.keeps(terms)
		if err == errObligation {
			return Answer{false, err.Error()}, nil
		}
		return Answer{err == nil, reason}, err
	}
	return Answer{}, errMalformed
}

// keeps fails unless the caller keeps every obligation of what is permitted on these terms.
func (a *Assent) keeps(terms any) error {
	obligations, ok := texts(member(terms, "obligations"))
	policy, _ := member(terms, "policy").(string)
	revision, _ := member(terms, "revision").(string)
	if !ok || policy == "" || revision == "" {
		return errMalformed
	}
	for _, id := range obligations {
		if !a.discharges[id] {
			return errObligation
		}
	}
	return nil
}

func (a *Assent) part(ctx context.Context, users, fields []string) ([][]string, error) {
	query := url.Values{"purpose": {a.purpose}, "fields": {strings.Join(fields, ",")}}
	var body bytes.Buffer
	for _, user := range users {
		line, err := json.Marshal(user)
		if err != nil || !utf8.ValidString(user) {
			return nil, errQuestion
		}
		body.Write(append(line, '\n'))
	}
	most := around + (each+eachField*len(fields))*len(users)
	path := "/v1/audiences?" + query.Encode()
	text, err := a.exchange(ctx, path, "application/x-ndjson", body.Bytes(), most)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(text, []byte("\n"))
	// the last line is the proof that nothing was cut off; behind it is nothing
	if len(lines) != len(users)+2 || len(lines[len(users)+1]) != 0 {
		return nil, errMalformed
	}
	allowed := make([][]string, len(users))
	malformed := 0
	for at, user := range users {
		line, err := read(lines[at])
		if err != nil {
			return nil, err
		}
		why := member(line, "error")
		if text, ok := why.(string); ok && text != "" && isNumber(member(line, "line"), at+1) {
			malformed++
			continue
		}
		permitted, ok := texts(member(line, "fields"))
		if !ok || why != nil || member(line, "user") != user || !isWithin(permitted, fields) {
			return nil, errMalformed
		}
		allowed[at] = permitted
	}
	summary, err := read(lines[len(users)])
	if err != nil {
		return nil, err
	}
	if !isNumber(member(summary, "users"), len(users)-malformed) ||
		!isNumber(member(summary, "malformed_lines"), malformed) {
		return nil, errMalformed
	}
	return allowed, a.keeps(summary)
}

// exchange is the body of a whole answer to this very request.
func (a *Assent) exchange(ctx context.Context, path, media string, body []byte, most int) ([]byte, error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return nil, errUnreached
	}
	id := hex.EncodeToString(random)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, errUnreached
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Content-Type", media)
	request.Header.Set("Accept", media)
	request.Header.Set("X-Request-ID", id)
	response, err := a.client.Do(request)
	if err != nil {
		return nil, failure(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	if err != nil {
		return nil, failure(err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status_%d", response.StatusCode)
	}
	given := response.Header
	kind, charset, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(given.Get("Content-Type"), " ", "")), ";")
	ids := given.Values("X-Request-ID")
	isOurs := len(ids) == 1 && ids[0] == id && kind == media && (charset == "" || charset == "charset=utf-8")
	if !isOurs || len(text) > most || given.Get("Content-Encoding") != "" || !utf8.Valid(text) {
		return nil, errMalformed
	}
	return text, nil
}

func failure(err error) error {
	var late interface{ Timeout() bool }
	if errors.As(err, &late) && late.Timeout() {
		return errTimedOut
	}
	return errUnreached
}

// read takes JSON of which every reader would take the same: a name that stands twice is refused. Structs would not do:
// for Go, `Decision` is `decision`, and of two the last counts.
func read(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, errMalformed
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return next(decoder)
}

func next(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, errMalformed
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := next(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = decoder.Token()
		return list, err
	case json.Delim('{'):
		members := map[string]any{}
		for decoder.More() {
			name, err := decoder.Token()
			if err != nil {
				return nil, errMalformed
			}
			key, ok := name.(string)
			if _, isTwice := members[key]; !ok || isTwice {
				return nil, errMalformed
			}
			if members[key], err = next(decoder); err != nil {
				return nil, err
			}
		}
		_, err = decoder.Token()
		return members, err
	}
	return token, nil
}

func member(value any, name string) any {
	members, _ := value.(map[string]any)
	return members[name]
}

func texts(value any) ([]string, bool) {
	list, ok := value.([]any)
	found := make([]string, len(list))
	for at, one := range list {
		text, isText := one.(string)
		ok = ok && isText && text != ""
		found[at] = text
	}
	return found, ok
}

func isNumber(value any, expected int) bool {
	number, ok := value.(json.Number)
	return ok && number.String() == fmt.Sprint(expected)
}

func isWithin(some, all []string) bool {
	known := map[string]bool{}
	for _, one := range all {
		known[one] = true
	}
	for _, one := range some {
		if !known[one] {
			return false
		}
		// a name that stands twice was not asked about twice
		known[one] = false
	}
	return true
}

func main() {
	timeout, err := time.ParseDuration(or("ASSENT_TIMEOUT", "2") + "s")
	if err != nil {
		panic(err)
	}
	// groups of 300 are groups of 50 as well
	keeps := []string{"min_cohort_50", "min_cohort_300"}
	url := or("ASSENT_URL", "http://127.0.0.1:3000")
	assent, err := New(url, os.Getenv("ASSENT_TOKEN"), "ads.personalised", keeps, timeout)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	users := []string{"u-123", "u-456"}
	fmt.Println("check:", said(assent.Check(ctx, "u-123", "member.skills")))
	questions := []Question{}
	for _, user := range users {
		questions = append(questions, Question{user, "member.skills"})
	}
	many := []string{}
	for _, answer := range assent.CheckMany(ctx, questions) {
		many = append(many, said(answer))
	}
	fmt.Println("check many:", strings.Join(many, ", "))
	shown := []string{}
	for field := range assent.Filter(ctx, "u-123", map[string]any{"member.skills": "welding", "message.body": "hello"}) {
		shown = append(shown, field)
	}
	fmt.Println("filter:", listed(shown, "nothing"))
	passing := []string{}
	assent.Audience(ctx, users, []string{"member.skills"}, func(allowed Allowed) {
		if len(allowed.Fields) == 1 {
			passing = append(passing, allowed.User)
		}
	})
	fmt.Println("audience:", listed(passing, "nobody"))
	fmt.Println("explain:", assent.Explain(ctx, "u-456", "member.skills"))
}

func said(answer Answer) string {
	if answer.Permitted {
		return "yes"
	}
	return "no"
}

func listed(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}

func or(name, instead string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return instead
}
