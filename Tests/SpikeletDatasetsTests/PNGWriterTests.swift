import SpikeletDatasets
import Testing

/// What is written is what a reader of PNG files reads.
@Suite struct PNGWriterTests {
  private func planes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 8) }
  }

  @Test(arguments: [(1, 1, 1), (1, 28, 28), (3, 32, 32), (3, 7, 5), (1, 300, 401), (3, 200, 200)])
  func aWrittenPictureIsRead(channels: Int, height: Int, width: Int) throws {
    let planes = planes(channels * height * width)
    let file = PNGWriter.file(planes: planes, channels: channels, height: height, width: width)
    let bitmap = try Bitmap.decode(file)
    #expect(bitmap.shape == PictureShape(channels: channels, height: height, width: width))
    #expect(bitmap.pixels == planes)
  }

  @Test func ofTwoChannelsTheFirstIsWritten() throws {
    let planes = planes(2 * 12)
    let file = PNGWriter.file(planes: planes, channels: 2, height: 3, width: 4)
    let bitmap = try Bitmap.decode(file)
    #expect(bitmap.shape == PictureShape(channels: 1, height: 3, width: 4))
    #expect(bitmap.pixels == Array(planes.prefix(12)))
  }

  @Test func aSmallPictureStaysAsItIs() throws {
    let picture = planes(3 * 20)
    let shape = PictureShape(channels: 3, height: 4, width: 5)
    let thumbnail = Thumbnail(picture[...], shape: shape, side: 5)
    #expect(thumbnail.planes == picture)
    #expect(try Bitmap.decode(thumbnail.png).pixels == picture)
  }

  @Test func aLargePictureIsMadeOfMeans() {
    // A slice that begins anywhere, with a byte that is not part of the picture behind it.
    let picture: [UInt8] = [99, 0, 10, 100, 20, 30, 110, 7, 9, 200, 255]
    let shape = PictureShape(channels: 1, height: 3, width: 3)
    let thumbnail = Thumbnail(picture[1...], shape: shape, side: 2)
    #expect((thumbnail.height, thumbnail.width) == (2, 2))
    #expect(thumbnail.planes == [15, 105, 8, 200])
  }
}
