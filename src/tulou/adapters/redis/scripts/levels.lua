-- Where accounts of one limit stand; those that are gone say nothing, and leave the subjects of the limit.
-- KEYS: the subjects of the limit, then one account each; ARGV: the limit's terms, the skew, then one subject each.

local terms = cjson.decode(ARGV[1])
local skew_s = tonumber(ARGV[2])
local lines = {}
for n = 2, #KEYS do
  local subject = ARGV[n + 1]
  if redis.call('EXISTS', KEYS[n]) == 0 then
    redis.call('SREM', KEYS[1], subject)
  else
    local account = load(KEYS[n], terms)
    turn(account, terms, skew_s)
    local used = math.floor(level(account, terms) + 0.5)
    local line = string.format('%.0f %.0f %.6f %s', used, holding(account), resets_at(account, terms), subject)
    table.insert(lines, line)
  end
end
return lines
