SELECT Values, sum(SlotCount) AS Count, max(SlotLastAt) AS LastAt,
  arraySort(groupArray((Slot, SlotCount))) AS Points
FROM (
  SELECT [toString(toString(ServiceName)), toString(if(mapContains(LogAttributes, {p1:String}), LogAttributes[{p1:String}], ResourceAttributes[{p1:String}]))] AS Values,
    intDiv(toUnixTimestamp64Milli(Timestamp), {p2:Int64}) * {p2:Int64} AS Slot, count() AS SlotCount,
    max(toUnixTimestamp64Milli(Timestamp)) AS SlotLastAt
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
  GROUP BY Values, Slot
)
GROUP BY Values
ORDER BY Count DESC, Values
LIMIT {p5:UInt32}
SETTINGS max_execution_time = 20
-- {"p1":"http.route","p2":300000,"p3":"1767609600000000000","p4":"1767613200000000000","p5":500}
