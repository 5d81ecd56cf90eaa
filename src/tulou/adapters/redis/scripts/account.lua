-- What is used and held of one limit by one subject: the rules of `services/limits/domain/account.py`, which says why.
-- An account is a hash: `unit`, `at`, `used`, `seen`, and for each gateway `h:GATEWAY` = "granted until presumed lease".

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local ROUNDING = 1e-6
local PLACE_RETRY_S = 1.0
local LENT_RETRY_S = 1.0
local SET_BACK_S = 1.0
local EARLY_S = 3600
local OWED_S = 31 * 86400
local USED_CAP = 4e18

-- Days since 1970 of a date, and the date's year and month of such a day: Howard Hinnant's `chrono` algorithms.
local function days_of(year, month)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local of_era = year - era * 400
  local shifted = month > 2 and month - 3 or month + 9
  local of_year = math.floor((153 * shifted + 2) / 5)
  return era * 146097 + of_era * 365 + math.floor(of_era / 4) - math.floor(of_era / 100) + of_year - 719468
end

local function month_of(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local day = shifted - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  local of_year = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month
end

local function window(period, at)
  local day = math.floor(at / 86400)
  if period == 'day' then return day * 86400, (day + 1) * 86400 end
  local year, month = month_of(day)
  local next_year, next_month = year, month + 1
  if next_month > 12 then next_year, next_month = year + 1, 1 end
  return days_of(year, month) * 86400, days_of(next_year, next_month) * 86400
end

local function charge(account, terms, units, at)
  if terms.kind == 'rate' then
    account.at = math.min(math.max(account.at, at) + units * terms.period_s / terms.capacity, at + OWED_S)
  elseif terms.kind == 'window' then
    account.used = math.min(account.used + units, USED_CAP)
  end
end

local function load(key, terms)
  local account = {at = 0, used = 0, seen = 0, held = {}}
  local fields = redis.call('HGETALL', key)
  local read = {}
  for n = 1, #fields, 2 do read[fields[n]] = fields[n + 1] end
  if read.unit ~= terms.unit then return account end
  account.at, account.used, account.seen = tonumber(read.at), tonumber(read.used), tonumber(read.seen or 0)
  for name, text in pairs(read) do
    if string.sub(name, 1, 2) == 'h:' then
      local granted, till, presumed, lease = string.match(text, '^(%S+) (%S+) (%S+) (.*)$')
      account.held[string.sub(name, 3)] =
        {granted = tonumber(granted), till = tonumber(till), presumed = presumed == '1', lease = lease}
    end
  end
  return account
end

local function set_back(account, terms)
  local back_s = account.seen - now
  account.seen = now
  if terms.kind == 'rate' then account.at = account.at - back_s end
  for _, held in pairs(account.held) do held.till = held.till - back_s end
end

local function turn(account, terms, skew_s)
  if account.seen - now > SET_BACK_S then set_back(account, terms) end
  if terms.kind == 'window' then
    local begun = window(terms.period, now)
    if begun > account.at then
      account.at, account.used, account.held = begun, 0, {}
    elseif account.at > now + EARLY_S then
      account.at = begun
    end
  end
  for gateway, held in pairs(account.held) do
    if not held.presumed and now >= held.till + skew_s then
      charge(account, terms, held.granted, held.till + skew_s)
      if terms.kind == 'window' then held.presumed = true else account.held[gateway] = nil end
    end
  end
end

local function holding(account)
  local sum = 0
  for _, held in pairs(account.held) do
    if not held.presumed then sum = sum + held.granted end
  end
  return sum
end

local function level(account, terms)
  if terms.kind == 'rate' then return math.max(0, account.at - now) * terms.capacity / terms.period_s end
  return account.used
end

local function resets_at(account, terms)
  if terms.kind == 'rate' then
    return math.max(account.at, now) + holding(account) * terms.period_s / terms.capacity
  elseif terms.kind == 'window' then
    local _, ends = window(terms.period, math.max(account.at, now))
    return ends
  end
  return now
end
