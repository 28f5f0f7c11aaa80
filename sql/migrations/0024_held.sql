-- Who is mentioned by a message that its owner holds at source is told with the mention.
DROP FUNCTION IF EXISTS door.hub_mentions(uuid);
