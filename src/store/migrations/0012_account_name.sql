-- Addresses are looked up in lower case. Of several that differ in case alone one gets the name, the others keep
-- theirs, and are reached by apikey. lower() knows ASCII alone, as the server does.

UPDATE OR IGNORE user SET account = lower(account) WHERE account LIKE '%@%';
