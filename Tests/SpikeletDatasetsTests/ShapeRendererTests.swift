import SpikeletDatasets
import Testing

@Suite struct ShapeRendererTests {
  private let shapes = Dataset.drawn(channels: 3, height: 32, width: 32, count: 20)

  @Test func bytesArePinned() throws {
    // Golden vectors hold these bytes. Only a deliberate change of the drawing changes the value.
    #expect(try checksum(shapes.allImages()) == 0x7F27_FE96)
  }

  @Test func picturesHaveTheSizeAndDiffer() throws {
    #expect(shapes.count == 20 && shapes.imageSize == 3 * 32 * 32)
    let pictures = try (0..<20).map { try shapes.image($0) }
    #expect(Set(pictures).count == 20)
    for (index, picture) in pictures.enumerated() {
      #expect(Set(picture).count > 16, "picture \(index)")
    }
  }

  @Test func theSmallestHasOnePixel() throws {
    let three = Dataset.drawn(channels: 2, height: 1, width: 1, count: 3)
    #expect(try three.allImages().count == 6)
    #expect(Dataset.drawn(channels: 2, height: 1, width: 1, count: 0).count == 0)
  }

  @Test func digitsAreDrawnWhereThereIsRoomForThem() throws {
    let digits = Dataset.drawn(channels: 1, height: 28, width: 28, count: 12)
    let bundled = Dataset.bundledDigits(count: 12)
    #expect(try digits.allImages() == bundled.allImages())
    #expect(digits.labels == bundled.labels && digits.hasLabels)
  }

  @Test func channelsLieOneBelowTheOther() throws {
    let read = try IDX.images(IDXWriter.images(shapes))
    #expect((read.count, read.height, read.width) == (20, 96, 32))
    #expect(try read.pixels == shapes.allImages())
  }
}
