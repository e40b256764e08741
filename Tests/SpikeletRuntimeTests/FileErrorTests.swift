import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// What is not a whole, undamaged model file is refused with the reason.
@Suite struct FileErrorTests {
  private let file: [UInt8]
  private let headerBytes = Int32(MemoryLayout<ModelHeader>.size)

  init() throws { file = try SmallModels.perceptron() }

  @Test func anEmptyFileIsTooShort() {
    #expect(
      EditableModel([]).error
        == SpikeletError(.tooShort, .file, needed: 8, given: 0))
  }

  @Test func aFileCutAtAnyLengthIsRefusedWithItsSize() {
    for length in 0..<file.count {
      let error = EditableModel(Array(file[..<length])).error
      let needed = length < 8 ? 8 : length < headerBytes ? headerBytes : Int32(file.count)
      #expect(
        error
          == SpikeletError(
            length < headerBytes ? .tooShort : .wrongSize, .file, needed: needed,
            given: Int32(length)), "length \(length)")
    }
  }

  /// The size and the checksum are right, but the sections do not fit.
  @Test func aFileCutAndSealedAgainNeverOpens() {
    for length in Int(headerBytes)..<file.count {
      var cut = EditableModel(Array(file[..<length]))
      cut.seal()
      #expect(cut.error?.field == .section, "length \(length)")
    }
  }

  @Test func bytesBehindTheLastSectionAreRefused() {
    var longer = EditableModel(file + [0])
    #expect(longer.error?.reason == .wrongSize)
    longer.seal()
    #expect(
      longer.error
        == SpikeletError(
          .wrongSize, .section, needed: Int32(file.count), given: Int32(file.count + 1)))
  }

  @Test func anotherMagicIsNotAModel() {
    var other = EditableModel(file)
    other.bytes[0] = UInt8(ascii: "X")
    other.seal()
    #expect(other.error == SpikeletError(.wrongMagic, .file))
  }

  @Test(arguments: [0, 1, 3, 5, UInt32.max])
  func anotherVersionIsRefused(version: UInt32) {
    var other = EditableModel(file)
    other.header.version = version
    other.seal()
    #expect(
      other.error
        == SpikeletError(
          .unsupportedVersion, .file, needed: 4, given: Int32(bitPattern: version)))
  }

  @Test(arguments: [-1, 0, 1, Int32.max, Int32.min])
  func aTotalSizeThatIsNotTheFilesSizeIsRefused(change: Int32) {
    var other = EditableModel(file)
    let size = change == 1 || change == -1 ? Int32(file.count) + change : change
    other.header.totalBytes = size
    #expect(
      other.error
        == SpikeletError(.wrongSize, .file, needed: size, given: Int32(file.count)))
  }

  @Test func everySingleFlippedBitIsFound() {
    for bit in 0..<file.count * 8 {
      var damaged = EditableModel(file)
      damaged.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let reason: SpikeletError.Reason =
        switch bit / 32 {
        case 0: .wrongMagic
        case 1: .unsupportedVersion
        case 2: .wrongSize
        default: .wrongChecksum
        }
      #expect(damaged.error?.reason == reason, "bit \(bit)")
    }
  }

  @Test func aWrongChecksumNamesBothValues() {
    var damaged = EditableModel(file)
    let right = damaged.header.checksum
    damaged.header.checksum = ~right
    #expect(
      damaged.error
        == SpikeletError(
          .wrongChecksum, .file, needed: Int32(bitPattern: ~right),
          given: Int32(bitPattern: right)))
  }

  @Test func aModelOpensAtAnyAlignment() throws {
    for shift in 0..<16 {
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: file.count + 16, alignment: 64)
      defer { buffer.deallocate() }
      for i in file.indices { buffer[shift + i] = file[i] }
      let part = UnsafeRawBufferPointer(rebasing: buffer[shift..<shift + file.count])
      let model = try Model(part.bytes)
      #expect(model.layerCount == 2)
      #expect(model.classCount == 2)
    }
  }
}
