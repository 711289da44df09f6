SELECT Value, sum(SlotCount) AS Count, sum(Count) OVER () AS Total,
  arraySort(groupArray((Slot, SlotCount))) AS Points
FROM (
  SELECT if(mapContains(LogAttributes, {p1:String}), LogAttributes[{p1:String}], ResourceAttributes[{p1:String}]) AS Value, intDiv(toUnixTimestamp64Milli(Timestamp), {p2:Int64}) * {p2:Int64} AS Slot, count() AS SlotCount
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
    AND ServiceName = {p5:String}
  GROUP BY Value, Slot
)
GROUP BY Value
ORDER BY Count DESC, Value
LIMIT {p6:UInt32}
SETTINGS max_execution_time = 20
-- {"p1":"http.route","p2":60000,"p3":"1767609600000000000","p4":"1767613200000000000","p5":"shop","p6":5}
