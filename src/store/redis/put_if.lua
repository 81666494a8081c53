-- Writes an entry if the version in front of the present one is the expected one ('' expects none).
-- KEYS: the entry. ARGV: expected version, new entry, milliseconds to keep it. Answers 1 if written, else 0.
if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
