import SpikeletDatasets
import Testing

/// PNG, PGM and PPM: what is read, to the byte.
@Suite struct PictureFormatTests {
  private func reason(_ bytes: [UInt8]) -> String {
    do {
      _ = try Bitmap.decode(bytes)
      return "accepted"
    } catch {
      return error.description
    }
  }

  @Test func everyFilterIsUndone() throws {
    // Lines whose values wrap around, each with another filter, computed by hand below.
    let pixels: [[UInt8]] = [
      [10, 20, 250, 3], [9, 22, 1, 255], [0, 255, 128, 7], [30, 31, 33, 200], [31, 29, 40, 190],
    ]
    var lines: [UInt8] = []
    for (y, row) in pixels.enumerated() {
      lines.append(UInt8(y))
      for x in 0..<4 {
        let left = x > 0 ? Int(row[x - 1]) : 0
        let above = y > 0 ? Int(pixels[y - 1][x]) : 0
        let corner = x > 0 && y > 0 ? Int(pixels[y - 1][x - 1]) : 0
        let estimate = left + above - corner
        let nearest = [left, above, corner].min { abs(estimate - $0) < abs(estimate - $1) } ?? 0
        let predicted = [0, left, above, (left + above) / 2, nearest][y]
        lines.append(UInt8(truncatingIfNeeded: Int(row[x]) - predicted))
      }
    }
    let bitmap = try Bitmap.decode(Encode.png(width: 4, height: 5, colour: 0, lines: lines))
    #expect(bitmap.shape == PictureShape(channels: 1, height: 5, width: 4))
    #expect(bitmap.pixels == pixels.flatMap { $0 })
  }

  @Test func coloursBecomePlanes() throws {
    let lines: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12]
    let png = Encode.png(width: 2, height: 2, colour: 2, lines: lines)
    let planes: [UInt8] = [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]
    #expect(try Bitmap.decode(png).pixels == planes)
    let ppm = Array("P6 2 2 255\n".utf8) + (1...12).map { UInt8($0) }
    #expect(try Bitmap.decode(ppm).pixels == planes)
    let text = Array("P3\n2 2\n# values\n255\n1 2 3 4 5 6\n7 8 9 10 11 12\n".utf8)
    #expect(try Bitmap.decode(text) == Bitmap.decode(ppm))
  }

  @Test(arguments: [1, 2, 4, 8]) func palettesAndFewBits(bits: Int) throws {
    let palette: [UInt8] = [1, 2, 3, 250, 251, 252]
    // 0 1 0 1 … of two entries.
    let values = (0..<9).map { $0 % 2 }
    var row = [UInt8](repeating: 0, count: (9 * bits + 7) / 8)
    for (x, value) in values.enumerated() {
      row[x * bits / 8] |= UInt8(value << (8 - bits - x * bits % 8))
    }
    let png = Encode.png(
      width: 9, height: 1, bits: bits, colour: 3, lines: [0] + row,
      extra: Encode.chunk("PLTE", palette))
    let bitmap = try Bitmap.decode(png)
    #expect(bitmap.shape.channels == 3)
    #expect(
      bitmap.pixels == (0..<3).flatMap { c in values.map { palette[$0 * 3 + c] } })
    let gray = try Bitmap.decode(
      Encode.png(width: 9, height: 1, bits: bits, colour: 0, lines: [0] + row))
    #expect(gray.pixels == values.map { UInt8($0 * 255 / ((1 << bits) - 1)) })
    // A palette of grays is gray.
    let grays = Encode.png(
      width: 9, height: 1, bits: bits, colour: 3, lines: [0] + row,
      extra: Encode.chunk("PLTE", [7, 7, 7, 200, 200, 200]))
    #expect(try Bitmap.decode(grays).pixels == values.map { $0 == 0 ? 7 : 200 })
  }

  @Test func whatIsNotReadSaysHowToConvertIt() {
    let one: [UInt8] = [0, 1]
    let cases: [([UInt8], String)] = [
      (
        Encode.png(width: 1, height: 1, bits: 16, colour: 0, lines: [0, 1, 2]),
        "has 16 bits a channel, needed 8; convert all of them with: mogrify -depth 8 <files>"
      ),
      (
        Encode.png(width: 1, height: 1, colour: 0, interlace: 1, lines: one),
        "is interlaced, which is not read; convert all of them with: mogrify -interlace none"
      ),
      (
        Encode.png(width: 1, height: 1, colour: 4, lines: [0, 1, 2]),
        "has an alpha channel, needed gray, palette or RGB; convert all of them with: "
          + "mogrify -background black -alpha remove -alpha off <files>"
      ),
      (Encode.png(width: 1, height: 1, colour: 6, lines: [0, 1, 2, 3, 4]), "has an alpha channel"),
      (
        Encode.png(
          width: 1, height: 1, colour: 0, lines: one, extra: Encode.chunk("tRNS", [0, 1])),
        "has transparent colours"
      ),
      ([0xFF, 0xD8, 0xFF, 0xE0], "a picture of the format JPEG, needed PNG, PGM or PPM; convert"),
      (Array("GIF89a".utf8), "of the format GIF"),
      (Array("RIFF    WEBP".utf8), "of the format WebP"),
      ([0x49, 0x49, 0x2A, 0], "of the format TIFF"),
      (Array("P5 1 1 65535\n  ".utf8), "has 16 bits a channel (a maximum of 65535), needed 8"),
      (Array("P4 8 1\n ".utf8), "is of the format PBM"),
      (Array("P7\nWIDTH 1".utf8), "is of the format PAM"),
      (
        Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8),
        "is a Git LFS pointer, not the data itself; fetch the data with: git lfs pull"
      ),
      ([], "is empty"),
    ]
    for (bytes, text) in cases { #expect(reason(bytes).contains(text), "\(reason(bytes))") }
  }

  @Test func hostileSizesTakeNoMemory() {
    let huge = Encode.png(width: 65_535, height: 4096, colour: 0, lines: [0])
    #expect(reason(huge).contains("is cut short after"), "\(reason(huge))")
    let larger = Encode.png(width: 65_535, height: 65_535, colour: 2, lines: [0])
    #expect(reason(larger).contains("needed at most 256 MiB"))
    let wide = Encode.png(width: 0x7FFF_FFFF, height: 1, colour: 0, lines: [0])
    #expect(reason(wide).contains("is 2147483647 wide"))
    // A stream that goes on after the last line.
    let bomb = Encode.png(
      width: 2, height: 1, colour: 0, lines: [UInt8](repeating: 0, count: 1_000_000))
    #expect(reason(bomb).contains("decompresses to more than the limit of 3 bytes"))
    #expect(reason(Array("P5 60000 60000 255\n".utf8)).contains("truncated"))
    #expect(reason(Array("P2 60000 60000 255\n1".utf8)).contains("fewer values"))
    #expect(reason(Array("P5 999999999999 1 255\n".utf8)).contains("has no usable width"))
  }

  @Test func everyCutIsRefused() throws {
    let png = Encode.gray(OwnFiles.pixels(12, seed: 1), width: 4)
    for length in 0..<png.count {
      #expect(reason(Array(png[..<length])) != "accepted", "\(length)")
    }
    let pgm = Array("P5\n4 3\n255\n".utf8) + OwnFiles.pixels(12, seed: 1)
    for length in 0..<pgm.count {
      #expect(reason(Array(pgm[..<length])) != "accepted", "\(length)")
    }
    #expect(reason(pgm + [0]).contains("trailing bytes"))
    #expect(reason(pgm) == "accepted" && reason(png) == "accepted")
    // A changed bit anywhere is seen, by a checksum or by the header.
    for byte in 33..<png.count {
      var changed = png
      changed[byte] ^= 4
      #expect(reason(changed) != "accepted", "byte \(byte)")
    }
  }

  /// A gray picture is a vector, a row or a column of channels as it lies; nothing else is guessed.
  @Test func grayPicturesServeFlatNetworks() {
    let gray = PictureShape(channels: 1, height: 28, width: 28)
    for (channels, height, width) in [(1, 28, 28), (784, 1, 1), (1, 1, 784), (28, 1, 28)] {
      let needed = PictureShape(channels: channels, height: height, width: width)
      #expect(gray.serves(needed), "\(needed)")
    }
    let tall = PictureShape(channels: 1, height: 96, width: 32)
    #expect(tall.serves(PictureShape(channels: 3, height: 32, width: 32)))
    for (channels, height, width) in [(1, 14, 56), (1, 784, 1), (1, 32, 32), (56, 1, 14)] {
      let needed = PictureShape(channels: channels, height: height, width: width)
      #expect(!gray.serves(needed), "\(needed)")
    }
    let colour = PictureShape(channels: 3, height: 32, width: 32)
    #expect(!colour.serves(PictureShape(channels: 3072, height: 1, width: 1)))
  }
}
