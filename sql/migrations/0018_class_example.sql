-- What a person who chooses a class looks at (schemas/classes.def).
ALTER TABLE mash.info_class ADD COLUMN example text NOT NULL DEFAULT '';
COMMENT ON COLUMN mash.info_class.example IS 'An invented one.';
