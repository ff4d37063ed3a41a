-- load.lua - what wrk sends (read, list, search, create, mixed, calc, ask; environment: common.lua). Each request
-- is made as the doctor in whose care the patient is: patient i of doctor i % doctors, record i of patient i % patients.
local common = dofile(debug.getinfo(1, "S").source:match("^@(.*)/") .. "/common.lua")
local random, format = math.random, wrk.format
local API = "/api/medical-records"
local kinds = {}

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local words = { "hipertensao", "lesao", "mancha", "edema", "ulnar", "febre", "contatos", "pressao", "retorno" }
local questions = { "Quanto tempo dura o tratamento MB?", "A rifampicina é tomada em jejum?", "Qual a dose para 29,9 kg MB?",
  "Posso tratar MB por seis meses?", "Talidomida na gravidez", "O que é dengue?" }

function init()
  local get, post = common.start(number)
  local doctors, patients, records = common.lines("doctors.txt"), common.lines("patients.txt"), common.lines("records.txt")
  local function doctor_of(patient) return (patient - 1) % #doctors + 1 end
  function kinds.read()
    local r = random(#records)
    return format("GET", API .. "/" .. records[r], get[doctor_of((r - 1) % #patients + 1)])
  end
  function kinds.list()
    local d = random(#doctors)
    return format("GET", API .. "?limit=20&doctorId=" .. doctors[d], get[d])
  end
  function kinds.search()
    local d, a, b = random(#doctors), random(#words), random(#words)
    return format("GET", API .. "?limit=20&q=" .. words[a] .. "+" .. words[b] .. "+caso", get[d])
  end
  function kinds.calc()
    return format("POST", "/api/hansen/calculators/pqtu_dose", post[random(#doctors)],
      '{"weightKg":"' .. random(10, 90) .. ',' .. random(0, 9) .. '","class":"MB"}')
  end
  function kinds.ask()
    return format("POST", "/api/assistant/ask", post[random(#doctors)],
      '{"persona":"dr_gasnelio","question":"' .. questions[random(#questions)] .. '"}')
  end
  local serial = 0
  function kinds.create()
    serial = serial + 1
    local p = random(#patients)
    return format("POST", API, post[doctor_of(p)], '{"patientId":"' .. patients[p] ..
      '","title":"Retorno","diagnosis":"Hipertensão arterial sistêmica, CID I10, caso ' .. serial ..
      '","treatment":"Losartana 50 mg uma vez ao dia, retorno em 30 dias","notes":"PA 140x90. Sem outras queixas.","priority":"NORMAL"}')
  end
end

function request() return common.next(kinds) end

done = common.report
