/// Changes one field somewhere in a protobuf message and corrects the lengths around it, so that most
/// inputs get past the syntax.
private struct Field {
  var number: UInt64
  var type: UInt64
  var value: UInt64 = 0
  var bytes: [UInt8] = []
  /// The fields of the message that the bytes are, if they are one.
  var fields: [Field]?
}

private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ count: Int) -> Int { count < 2 ? 0 : Int(next() % UInt64(count)) }
}

@_silgen_name("LLVMFuzzerMutate")
private func plainMutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int

private func varint(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
  var result: UInt64 = 0
  for shift in stride(from: UInt64(0), to: 64, by: 7) {
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    position += 1
    result |= UInt64(byte & 127) << shift
    if byte < 128 { return result }
  }
  return nil
}

private func parse(_ bytes: [UInt8], depth: Int) -> [Field]? {
  var fields: [Field] = []
  var position = 0
  while position < bytes.count {
    guard let key = varint(bytes, &position), key >> 3 > 0, key >> 3 < 100 else { return nil }
    var field = Field(number: key >> 3, type: key & 7)
    let length: Int
    switch field.type {
    case 0:
      guard let value = varint(bytes, &position) else { return nil }
      field.value = value
      length = 0
    case 1: length = 8
    case 5: length = 4
    case 2:
      guard let value = varint(bytes, &position), value <= UInt64(bytes.count) else { return nil }
      length = Int(value)
    default: return nil
    }
    guard position + length <= bytes.count else { return nil }
    field.bytes = Array(bytes[position..<position + length])
    position += length
    if field.type == 2, depth < 8, length > 1 {
      field.fields = parse(field.bytes, depth: depth + 1)
    }
    fields.append(field)
  }
  return fields
}

private func append(_ value: UInt64, to bytes: inout [UInt8]) {
  var rest = value
  while rest > 127 {
    bytes.append(UInt8(rest & 127) | 128)
    rest >>= 7
  }
  bytes.append(UInt8(rest))
}

private func serialized(_ fields: [Field]) -> [UInt8] {
  var result: [UInt8] = []
  for field in fields {
    append(field.number << 3 | field.type, to: &result)
    if field.type == 0 {
      append(field.value, to: &result)
      continue
    }
    let bytes = field.fields.map(serialized) ?? field.bytes
    if field.type == 2 { append(UInt64(bytes.count), to: &result) }
    result += bytes
  }
  return result
}

private let integers: [UInt64] = [
  0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 28, 64, 255, 256, 65_535, 65_536, 1 << 24, 1 << 24 + 1, 1 << 28,
  1 << 31, 1 << 32, 1 << 40, 1 << 62, 1 << 63, 1 << 63 - 1, ~0, ~1, ~2,
]
private let floats: [Float] = [
  0, 1, -1, 0.5, 1e-45, 1e-20, 1e38, -1e38, .nan, .infinity, -.infinity,
]

private func changed(_ field: Field, _ other: Field, _ random: inout Random) -> [Field] {
  var field = field
  switch random.below(9) {
  case 0: field.value = integers[random.below(integers.count)]
  case 1: field.value = random.below(2) == 0 ? field.value &+ 1 : field.value &- 1
  case 2: return [field, field]
  case 3: return []
  case 4 where field.type == other.type:
    (field.value, field.bytes, field.fields) = (other.value, other.bytes, other.fields)
  case 5: field.number = UInt64(1 + random.below(20))
  case 6: field.value = UInt64(random.below(40))
  case 7 where field.type == 2 && !field.bytes.isEmpty:
    field.fields = nil
    field.bytes.removeLast(1 + random.below(field.bytes.count))
  default:
    guard field.fields == nil, field.bytes.count >= 4 else { break }
    let bits = floats[random.below(floats.count)].bitPattern
    let start = random.below(field.bytes.count / 4) * 4
    for byte in 0..<4 { field.bytes[start + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte)) }
  }
  return [field]
}

/// Changes the `index`th field of all, counted depth first.
private func change(
  _ fields: inout [Field], _ index: inout Int, _ other: Field, _ random: inout Random
) {
  for position in fields.indices {
    if index == 0 {
      index = -1
      fields.replaceSubrange(position...position, with: changed(fields[position], other, &random))
      return
    }
    index -= 1
    if fields[position].fields != nil {
      change(&fields[position].fields!, &index, other, &random)
      if index < 0 { return }
    }
  }
}

private func all(_ fields: [Field]) -> [Field] {
  fields.flatMap { [$0] + all($0.fields ?? []) }
}

@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = Random(state: UInt64(seed))
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: size))
  guard random.below(10) > 0, var fields = parse(bytes, depth: 0), !fields.isEmpty else {
    return plainMutate(data, size, limit)
  }
  for _ in 0...random.below(2) {
    let list = all(fields)
    guard !list.isEmpty else { break }
    var index = random.below(list.count)
    change(&fields, &index, list[random.below(list.count)], &random)
  }
  let result = serialized(fields)
  guard result.count <= limit else { return plainMutate(data, size, limit) }
  for (index, byte) in result.enumerated() { data[index] = byte }
  return result.count
}
