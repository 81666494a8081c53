-- Takes from several buckets, or from none. The arithmetic is that of `gcra.rs`, to the microsecond.
-- KEYS: the buckets; a value is the moment at which the bucket's backlog ends.
-- ARGV: now in microseconds (0: this server's clock), then for each bucket what the call costs and what it holds.
-- Answers 1 or 0 (allowed), then the backlog of each bucket: after the call if allowed, else before it.
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local answer = {1}
for i, ends in ipairs(redis.call('MGET', unpack(KEYS))) do
  local cost, full = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local backlog = math.min(math.max((tonumber(ends or 0) or 0) - now, 0), full)
  if backlog + cost > full then
    answer[1] = 0
  end
  answer[i + 1] = backlog
end

if answer[1] == 1 then
  for i, key in ipairs(KEYS) do
    local cost = tonumber(ARGV[2 * i])
    if cost > 0 then
      local backlog = answer[i + 1] + cost
      answer[i + 1] = backlog
      -- Lua prints 14 digits unless told otherwise. A second more than needed: an early end would forgive calls.
      local keep = string.format('%.0f', math.ceil(backlog / 1000) + 1000)
      redis.call('SET', key, string.format('%.0f', now + backlog), 'PX', keep)
    end
  end
end
return answer
