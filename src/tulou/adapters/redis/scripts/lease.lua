-- One message of a gateway: settle and grant, all of it or, told again, nothing but the same answer.
-- KEYS: the gateway's memory, all gateways, then for each ask its account and the subjects of its limit.

local message = cjson.decode(ARGV[1])
local gateway = message.gateway
local memory = redis.call('HMGET', KEYS[1], 'told', 'reply')
if memory[1] and message.told <= memory[1] then
  return message.told == memory[1] and memory[2] or 'stale'
end

redis.call('ZADD', KEYS[2], now, gateway)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - message.active_s)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '(' .. string.format('%.6f', now + 1), '+inf') -- the clock was set back
local gateways = redis.call('ZCARD', KEYS[2])

local function divide(free, ask)
  if free < math.max(1, ask.need > 0 and ask.least or 1) then return 0 end
  local fair = math.max(1, math.floor(free / (2 * gateways)))
  return math.min(free, math.max(ask.need, math.min(ask.want, fair)))
end

local function settle(account, terms, ask)
  local held = account.held[gateway]
  account.held[gateway] = nil
  if not held then
    charge(account, terms, ask.lease ~= '' and ask.over or ask.over + ask.used, now)
    return
  end
  if held.presumed then account.used = account.used - held.granted end
  charge(account, terms, (held.lease == ask.lease and ask.used or held.granted) + ask.over, now)
end

local function retry_after(account, terms, short, others)
  if terms.kind == 'rate' then
    local unit_s = terms.period_s / terms.capacity
    return math.min(math.max(short * unit_s, unit_s, 0.001), terms.period_s)
  elseif terms.kind == 'window' then
    local ends_s = math.max(0.001, resets_at(account, terms) - now)
    return short <= others and math.min(ends_s, LENT_RETRY_S) or ends_s
  end
  return PLACE_RETRY_S
end

local function grant(account, terms, ask)
  local used, others = level(account, terms), holding(account)
  local free = math.max(0, math.floor(terms.capacity - used - others - ask.keep + ROUNDING))
  local extra = terms.hard and divide(free, ask) or math.max(ask.want, ask.need)
  local held, till = ask.keep + extra, now + message.lease_s
  if terms.kind == 'window' then till = math.min(till, resets_at(account, terms)) end
  if held > 0 then
    account.held[gateway] = {granted = held, till = till, presumed = false, lease = message.told}
  end
  local retry_s = 0
  if extra < ask.need then
    retry_s = retry_after(account, terms, used + others + held + ask.least - terms.capacity, others)
  end
  local left = terms.hard and math.max(0, free - extra) or terms.capacity
  return string.format('%.0f %.6f %.0f %.6f %.6f', held, till, left, resets_at(account, terms), retry_s)
end

local function save(key, account, terms)
  local fields = {'unit', terms.unit, 'at', string.format('%.9f', account.at), 'used', string.format('%.0f', account.used)}
  table.insert(fields, 'seen')
  table.insert(fields, string.format('%.6f', math.max(account.seen, now)))
  local last = math.max(now, resets_at(account, terms))
  for name, held in pairs(account.held) do
    table.insert(fields, 'h:' .. name)
    table.insert(fields, string.format('%.0f %.6f %d %s', held.granted, held.till, held.presumed and 1 or 0, held.lease))
    last = math.max(last, held.till + message.skew_s)
  end
  redis.call('DEL', key)
  redis.call('HSET', key, unpack(fields))
  redis.call('PEXPIREAT', key, string.format('%.0f', (last + message.linger_s) * 1000))
end

local lines = {string.format('%.6f %d', now, gateways)}
for n, ask in ipairs(message.asks) do
  local key, subjects = KEYS[2 * n + 1], KEYS[2 * n + 2]
  local account = load(key, ask.terms)
  turn(account, ask.terms, message.skew_s)
  settle(account, ask.terms, ask)
  table.insert(lines, ask.limit .. ' ' .. ask.subject .. ' ' .. grant(account, ask.terms, ask))
  save(key, account, ask.terms)
  redis.call('SADD', subjects, ask.subject)
end

local reply = table.concat(lines, '\n')
redis.call('HSET', KEYS[1], 'told', message.told, 'reply', reply)
redis.call('EXPIRE', KEYS[1], message.keep_s)
return reply
