-- load.lua - what wrk sends. Environment: BENCH_IDS (directory of `plantao seed --out`), BENCH_TEST
-- (read, list, search, create, mixed, calc, ask), SEED. Each request is made as the doctor in whose care the
-- patient is: patient i of doctor i % doctors, record i of patient i % patients.
local ids, test = os.getenv("BENCH_IDS"), os.getenv("BENCH_TEST")
local random, format = math.random, wrk.format
local API = "/api/medical-records"

local function lines(name)
  local t = {}
  for l in io.lines(ids .. "/" .. name) do t[#t + 1] = l end
  return t
end

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local words = { "hipertensao", "lesao", "mancha", "edema", "ulnar", "febre", "contatos", "pressao", "retorno" }
local questions = { "Quanto tempo dura o tratamento MB?", "A rifampicina é tomada em jejum?", "Qual a dose para 29,9 kg MB?",
  "Posso tratar MB por seis meses?", "Talidomida na gravidez", "O que é dengue?" }
local read, list, search, create, calc, ask

function init()
  math.randomseed((tonumber(os.getenv("SEED")) or 1) * 1000 + number)
  local tokens, doctors, patients, records = lines("tokens.txt"), lines("doctors.txt"), lines("patients.txt"), lines("records.txt")
  local get, post = {}, {}
  for i, t in ipairs(tokens) do
    get[i] = { ["Authorization"] = "Bearer " .. t }
    post[i] = { ["Authorization"] = "Bearer " .. t, ["Content-Type"] = "application/json" }
  end
  local function doctor_of(patient) return (patient - 1) % #doctors + 1 end
  read = function()
    local r = random(#records)
    return format("GET", API .. "/" .. records[r], get[doctor_of((r - 1) % #patients + 1)])
  end
  list = function()
    local d = random(#doctors)
    return format("GET", API .. "?limit=20&doctorId=" .. doctors[d], get[d])
  end
  search = function()
    local d, a, b = random(#doctors), random(#words), random(#words)
    return format("GET", API .. "?limit=20&q=" .. words[a] .. "+" .. words[b] .. "+caso", get[d])
  end
  calc = function()
    return format("POST", "/api/hansen/calculators/pqtu_dose", post[random(#doctors)],
      '{"weightKg":"' .. random(10, 90) .. ',' .. random(0, 9) .. '","class":"MB"}')
  end
  ask = function()
    return format("POST", "/api/assistant/ask", post[random(#doctors)],
      '{"persona":"dr_gasnelio","question":"' .. questions[random(#questions)] .. '"}')
  end
  local serial = 0
  create = function()
    serial = serial + 1
    local p = random(#patients)
    return format("POST", API, post[doctor_of(p)], '{"patientId":"' .. patients[p] ..
      '","title":"Retorno","diagnosis":"Hipertensão arterial sistêmica, CID I10, caso ' .. serial ..
      '","treatment":"Losartana 50 mg uma vez ao dia, retorno em 30 dias","notes":"PA 140x90. Sem outras queixas.","priority":"NORMAL"}')
  end
end

local mixed = function()
  local r = random(100)
  if r <= 80 then return read() elseif r <= 95 then return list() end
  return create()
end

function request()
  if test == "read" then return read() end
  if test == "list" then return list() end
  if test == "search" then return search() end
  if test == "create" then return create() end
  if test == "calc" then return calc() end
  if test == "ask" then return ask() end
  return mixed()
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON {"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.1f,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, e.status + e.connect + e.read + e.write + e.timeout))
end
