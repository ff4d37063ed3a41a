-- peer.lua - the same load for the peer of bench/peers (read, list, create, mixed; environment: common.lua).
-- Its doctors are doctor-1 to -200.
local common = dofile(debug.getinfo(1, "S").source:match("^@(.*)/") .. "/common.lua")
local random, format = math.random, wrk.format
local API = "/api/medical-records"
local kinds = {}

function init()
  local get, post = common.start(0)
  local patients, records = common.lines("patients.txt"), common.lines("records.txt")
  function kinds.read() return format("GET", API .. "/" .. records[random(#records)], get[random(#get)]) end
  function kinds.list()
    return format("GET", API .. "?doctorId=doctor-" .. random(200) .. "&page=1&limit=20", get[random(#get)])
  end
  local serial = 0
  function kinds.create()
    serial = serial + 1
    return format("POST", API, post[random(#post)], '{"patientId":"' .. patients[random(#patients)] ..
      '","recordType":"CONSULTATION","diagnosis":"Retorno. Hipertensão arterial sistêmica, CID I10, caso ' .. serial ..
      '","treatment":"Losartana 50 mg uma vez ao dia, retorno em 30 dias","notes":"PA 140x90. Sem outras queixas."}')
  end
end

function request() return common.next(kinds) end

done = common.report
