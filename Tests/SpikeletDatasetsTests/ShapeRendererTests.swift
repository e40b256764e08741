import SpikeletDatasets
import Testing

@Suite struct ShapeRendererTests {
  private let shapes = Dataset.drawn(channels: 3, height: 32, width: 32, count: 20)

  @Test func bytesArePinned() {
    // Golden vectors hold these bytes. Only a deliberate change of the drawing changes the value.
    #expect(checksum(shapes.allImages()) == 0x7F27_FE96)
  }

  @Test func picturesHaveTheSizeAndDiffer() {
    #expect(shapes.count == 20 && shapes.imageSize == 3 * 32 * 32)
    #expect(Set((0..<20).map { shapes.image($0) }).count == 20)
    for index in 0..<20 { #expect(Set(shapes.image(index)).count > 16, "picture \(index)") }
  }

  @Test func theSmallestHasOnePixel() {
    #expect(Dataset.drawn(channels: 2, height: 1, width: 1, count: 3).images.count == 6)
    #expect(Dataset.drawn(channels: 2, height: 1, width: 1, count: 0).count == 0)
  }

  @Test func digitsAreDrawnWhereThereIsRoomForThem() {
    let digits = Dataset.drawn(channels: 1, height: 28, width: 28, count: 12)
    #expect(digits == Dataset.bundledDigits(count: 12))
  }

  @Test func channelsLieOneBelowTheOther() throws {
    let read = try IDX.images(IDXWriter.images(shapes))
    #expect((read.count, read.height, read.width) == (20, 96, 32))
    #expect(read.pixels == shapes.allImages())
  }
}
