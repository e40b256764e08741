import SpikeletDatasets
import Testing

@Suite struct DigitRendererTests {
  private let digits = Dataset.bundledDigits()

  @Test func bytesArePinned() throws {
    // Every machine draws these bytes. Only a deliberate change of the drawing changes the value.
    #expect(try checksum(digits.allImages()) == 0xD6AE_1E03)
  }

  @Test func tenOfEveryClass() throws {
    #expect(try digits.count == 100 && digits.allImages().count == 100 * 784)
    #expect(digits.channels == 1 && digits.height == 28 && digits.width == 28)
    for label in 0..<10 { #expect(digits.labels.count { $0 == label } == 10) }
  }

  @Test func noPictureTwice() throws {
    var pictures: Set<ArraySlice<UInt8>> = []
    let sets = (1...3).map { Dataset.bundledDigits(seed: $0) }
    for set in sets {
      for index in 0..<set.count { pictures.insert(try set.image(index)) }
    }
    #expect(pictures.count == 300)
  }

  @Test func picturesOfAClassDiffer() throws {
    for label in 0..<10 {
      let pictures = try (0..<10).map { [UInt8](try digits.image($0 * 10 + label)) }
      for (index, first) in pictures.enumerated() {
        for second in pictures[(index + 1)...] {
          let difference = zip(first, second).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
          #expect(difference > 2500, "label \(label)")
        }
      }
    }
  }

  @Test func inkIsLikeMNIST() throws {
    for index in 0..<digits.count {
      let picture = [UInt8](try digits.image(index))
      let ink = picture.reduce(0) { $0 + Int($1) }
      #expect(ink > 784 * 7 && ink < 784 * 75, "picture \(index)")
      #expect(picture.max() == 255)
      // Soft edges: levels between.
      #expect(picture.count { $0 > 0 && $0 < 255 } > 20)
    }
  }

  @Test func inkFillsTheBoxAndNotTheBorder() throws {
    for index in 0..<digits.count {
      let picture = [UInt8](try digits.image(index))
      let inked = picture.indices.filter { picture[$0] != 0 }
      let rows = inked.map { $0 / 28 }
      let columns = inked.map { $0 % 28 }
      let extents = [rows, columns].map { ($0.max() ?? 0) - ($0.min() ?? 0) + 1 }
      #expect((19...21).contains(extents.max() ?? 0), "picture \(index)")
      #expect((rows + columns).allSatisfy { (1...26).contains($0) }, "picture \(index)")
    }
  }

  @Test func massIsInTheMiddle() throws {
    for index in 0..<digits.count {
      let picture = [UInt8](try digits.image(index)).map(Int.init)
      let ink = picture.reduce(0, +)
      let rows = picture.indices.reduce(0) { $0 + picture[$1] * ($1 / 28) }
      let columns = picture.indices.reduce(0) { $0 + picture[$1] * ($1 % 28) }
      // In tenths of a pixel; the margin may hold a picture back.
      #expect(abs(rows * 10 / ink - 140) <= 10, "picture \(index)")
      #expect(abs(columns * 10 / ink - 140) <= 10, "picture \(index)")
    }
  }

  @Test func everySeedDrawsInsideTheBorder() throws {
    for label in 0..<10 {
      for seed in [0, 1, 77, 0x8000_0000, UInt32.max] {
        let picture = DigitRenderer.digit(label, seed: seed)
        #expect(picture == DigitRenderer.digit(label, seed: seed))
        let isBlack = (0..<28).allSatisfy { i in
          picture[i] == 0 && picture[756 + i] == 0 && picture[i * 28] == 0
            && picture[i * 28 + 27] == 0
        }
        #expect(isBlack, "label \(label), seed \(seed)")
      }
    }
  }

  @Test func squareRoots() throws {
    for value in 0..<5000 {
      let root = integerSquareRoot(value)
      #expect(root * root <= value && (root + 1) * (root + 1) > value)
    }
    #expect(integerSquareRoot(Int.max) == 3_037_000_499)
  }

  @Test func randomNumbersCoverTheirRange() throws {
    var random = DigitRandom(label: 3, seed: 1)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<7000 { counts[random.uniform(-3...3) + 3] += 1 }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
    let spreads = (0..<1000).map { _ in random.spread(100) }
    #expect(spreads.allSatisfy { (-100...100).contains($0) } && Set(spreads).count > 50)
  }

  @Test func aNumberOfPicturesOtherThanTens() throws {
    #expect(Dataset.bundledDigits(count: 13).labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2])
    #expect(Dataset.bundledDigits(count: 0).count == 0)
  }
}
