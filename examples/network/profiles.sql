-- What members say of themselves. The first three columns tell who somebody is.
CREATE TABLE profiles (
  member text PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  industry text NOT NULL,
  seniority text NOT NULL,
  skill text NOT NULL
);
