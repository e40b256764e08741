import SpikeletImport
import Testing

@Suite struct ProtobufReaderTests {
  private func fields(_ bytes: [UInt8]) throws -> [ProtobufReader.Field] {
    var reader = ProtobufReader(bytes)
    var result: [ProtobufReader.Field] = []
    while let field = try reader.next() { result.append(field) }
    return result
  }

  private func reason(_ bytes: [UInt8]) -> String {
    do {
      _ = try fields(bytes)
      return ""
    } catch let error as ProtobufReader.Failure {
      return error.reason
    } catch { return "\(error)" }
  }

  @Test func readsEveryWireType() throws {
    let list = try fields(
      [0x08, 0x96, 0x01, 0x15, 0, 0, 0x80, 0x3F, 0x1A, 2, 7, 8, 0x21, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(list.map(\.number) == [1, 2, 3, 4])
    #expect(try list[0].integer() == 150)
    #expect(try list[1].float() == 1)
    #expect(try list[2].bytes() == [7, 8])
    var doubles: [Double] = []
    try list[3].append(to: &doubles)
    #expect(doubles == [1])
  }

  @Test func readsTheLargestIntegers() throws {
    let ones = [UInt8](repeating: 0xFF, count: 9)
    #expect(try fields([0x08] + ones + [1])[0].integer() == -1)
    #expect(reason([0x08] + ones + [2]).contains("longer than 64 bits"))
    #expect(reason([0x08] + ones + [0x81, 0]).contains("longer than 64 bits"))
  }

  @Test func readsPackedAndUnpacked() throws {
    var integers: [Int64] = []
    for field in try fields([0x0A, 3, 1, 0xAC, 0x02, 0x08, 5]) { try field.append(to: &integers) }
    #expect(integers == [1, 300, 5])
    var floats: [Float] = []
    try fields([0x0A, 4, 0, 0, 0, 0x40])[0].append(to: &floats)
    #expect(floats == [2])
    let cut = try fields([0x0A, 3, 0, 0, 0])[0]
    #expect(throws: ProtobufReader.Failure.self) { try cut.append(to: &floats) }
    let overlong = try fields([0x0A, 1, 0x80])[0]
    #expect(throws: ProtobufReader.Failure.self) { try overlong.append(to: &integers) }
  }

  @Test(arguments: [
    ([0x08], "cut off"), ([0x08, 0x80], "cut off"), ([0x15, 0, 0], "cut off"),
    ([0x11, 0, 0, 0, 0, 0, 0, 0], "cut off"), ([0x0A, 5, 1], "past the end"),
    ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "past the end"),
    ([0x0B], "wire type 3"), ([0x0C], "wire type 4"), ([0x0E], "wire type 6"),
    ([0x00, 0x00], "number 0"), ([0x80, 0x80, 0x80, 0x80, 0x10, 0], "number 536870912"),
  ])
  func refuses(_ bytes: [UInt8], _ expected: String) {
    #expect(reason(bytes).contains(expected))
  }

  @Test func refusesDeepNesting() throws {
    var bytes: [UInt8] = []
    for _ in 0..<100 {
      var writer = ProtobufWriter()
      writer.bytes(1, bytes)
      bytes = writer.bytes
    }
    var field = try #require(try fields(bytes).first)
    var depth = 0
    do {
      while true {
        var reader = try ProtobufReader(nested: field)
        field = try #require(try reader.next())
        depth += 1
      }
    } catch let error as ProtobufReader.Failure {
      #expect(error.reason.contains("nested"))
    }
    #expect(depth == ProtobufReader.maximumDepth)
  }

  @Test func refusesFieldsOfAnotherType() throws {
    let field = try fields([0x08, 1])[0]
    #expect(throws: ProtobufReader.Failure.self) { try field.bytes() }
    #expect(throws: ProtobufReader.Failure.self) { try field.float() }
    #expect(throws: ProtobufReader.Failure.self) { try ProtobufReader(nested: field) }
  }
}
