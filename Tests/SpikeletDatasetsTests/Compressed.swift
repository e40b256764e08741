import Foundation

/// Data compressed by Python's zlib and gzip modules, and what it decompresses to.
enum Compressed {
  /// Contents of the fixtures named after it.
  static let text = [UInt8](
    (String(repeating: "the quick brown spike jumps over the lazy neuron; ", count: 3)
      + "spike spike spike.").utf8)

  /// Contents of the fixtures named after it: noise of 6 bits with runs of zeros between.
  static let sequence: [UInt8] = {
    var state: UInt32 = 1
    return (0..<3000).map { index in
      state = state &* 1_103_515_245 &+ 12345
      return index / 100 % 3 == 0 ? 0 : UInt8(truncatingIfNeeded: state >> 16 & 63)
    }
  }()

  /// A raw deflate stream of one stored block.
  static let storedText = decode(
    """
    AagAV/90aGUgcXVpY2sgYnJvd24gc3Bpa2UganVtcHMgb3ZlciB0aGUgbGF6eSBuZXVyb247IHRoZSBxdWljayBicm93\
    biBzcGlrZSBqdW1wcyBvdmVyIHRoZSBsYXp5IG5ldXJvbjsgdGhlIHF1aWNrIGJyb3duIHNwaWtlIGp1bXBzIG92ZXIg\
    dGhlIGxhenkgbmV1cm9uOyBzcGlrZSBzcGlrZSBzcGlrZS4=
    """)

  /// A raw deflate stream of one fixed block.
  static let fixedText = decode(
    """
    K8lIVSgszUzOVkgqyi/PUyguyMxOVcgqzS0oVsgvSy1SKAEqyEmsqlTISy0tys+zBgvQWgdEBRKpBwA=
    """)

  /// A raw deflate stream of dynamic blocks.
  static let dynamicSequence = decode(
    """
    vdXFse0IDARQMzMzMzP7Ov+s5iUxX0vtdKrUDQD//0iy5GJ+tUKYbJAT6DUTMToSpo4br2+nq13EshqP7oB3O3L8YOKg\
    3c+vCLgpy9Yz+/P4X1Ys2TXCslgkuE0FQTh/JJBHcRqEI65GaMH/OrJW/KEtPYvGBmDjcSZLK6O5g3o/kymWCADNcnTX\
    GSGpY0TKYmdOT6+65sClx9+vZHRzhCkvreaGELPwXvPEKvtegwJXRKH9ltB/QAUMsN/A6FzPwcr+MgHcgDnkyaMrS5P3\
    RpGkb/n1vy5N15sVe0ZkJsX6DE0PM+4Fu+iTE5y5wJkxTdyw3uO5BLC1K4okOk1B66HxVllsQUcv4CEfiPY0ZVG69vZd\
    DpyCI4nEch7hrg8oGn6qSAgCJg9cDq383ssQ6ZCJRsndw/U3088Y7yKLp78xTD3sW/GNdJeOYlblN6rEv7DC9eBE/bjY\
    SgkGKrtLEolGbvdejUgmvykwh8lWQbaiN8c9MiGW2FQQB4wHFyAj37I/cFZQcfuLP2Xfkv48ega+UF98CFO7T/V8FUJw\
    y9TVH5mWHD4fkNAzZuD60Yiz18Lx424ZDeDfmwx8glOJBF46OAKAv1qtygyR2gJiljBG36Mv6qzVEgwFv5/OAcxIp3Cj\
    WbWQXpvJv7Baz62vKKwXsIwMIXHcJHZiYyN2dLEw4rxDaii5jPm6P8faJr80I+Kx79PCXnND7accNWF0DLYxBUsSBWDF\
    C/7KAEkV9gVLv15V14PLwOZFpqNgNJrXnTfB64eSfrcgYmaFv+I8MXmqOJzye8w23ItJmfk5oVDaL8TALxdD73XHx2b2\
    OyHyHUsnFyLMF+ux9IZ+6861SxXzX1g9u7gjWXZjrxbe7UEDugC77XvIZLrlVJiPU07HwB8Op8pZLVLWZurSJy24S3oK\
    7zCoXDQpsUUIkgDUqsLfYcjabZ6P/BcvDo+LSiMFez/Yhhv8ELfHtWz8rOqlo68ZK0moW2rt4NfcQbWyeBChcDvPZeei\
    YQiUxydoVZvN8lMbj9zYeOMOEK5LPSJTukILiqztkF0K/tb/woq8LMoie9VOTX1R5acnmoZqRuwn2A57nSNHOPOBI8eg\
    sre0mzJ4PntPVnMthWVnakRihdwVFG+d0x49KqdQuXz8/rx6eiWFW+mwhOSdnexUrq/l52STknQfgL5KifOa0Ax+o584\
    elOLhGCZQohg39AmrZFAp+m8Lg+rvV8QaEGTM1xXPS7KSLu0Sl3oBSeKg8B3fzPAUV7/5Ac3BalGLbJMVYBJwGP35y8n\
    xPLEVCwWzEdzVPDCZDovPWh+K/zZgXzxBrfvF7obsr1UIsxTztMhrJLDQZhAXEROofmM5IiP2gjVFLIXvVTowrf+azVK\
    rx7aCOLWJEDPRzfIgGD4sHFbodf4MwyzALBpCNOUacLFJ8pDQZvlw3Vt7GnGJQK225wo8cdj0q7cZBYAWh/T+/P6B0Mk\
    0DHc+ycPZLI08QEX7FDhSqT154fVjqhA2YIpp6JcZrXb+rpx4DUs9FMIzy23RhN34i3ODdyOC5ly0aN/eKtFH/eztObo\
    9oYJTbzic3Rj5lt7bOSddmAjCX5AA4bJRTKXND4PEAmHuy32bAT2yyqP3k3DJzHn35s5Iyryjejk3zmuru33LSmY7i9p\
    xUvoK5fMy9MI/9p/YQWOOFrqEJ91fdPWKBsRt54bQ57WFmana136+Wzfa7jhhYqaLxckvA966IRJN4AiE6P8ZZUcyjJg\
    7e2RpS93+ggbCxfbv8jxVbuVMlQFTa7lj03AKiL0AG/ilat47gzNbYncAfGuVrvHjpQCx4hWsIiLF05dQpxWdZRu1qkk\
    q2bssF8DlWw4ObygJ/m4bchEl/EXJoQ8k/e/sNJnoVZ3hYN2z+rHew8Nx3SH910bK1JxkWATtXJy8wL4LQCsaF51cXHI\
    gnWBjDF3ydu6iKuw4SY812YHaKoqW+D/qvTBWRQXdaUh/k5jJnK2S2iop0YjhYxdpr04UnxljgCt5+KZd0f/zQyAMKbc\
    kl23Q+DNYMQb8I/NZXw/aA0HSJM6pcPBegHF7glzkdCKTR5aQjf1FuN/
    """)

  /// A gzip file, as `gzip.compress(sequence, 9, mtime=0)` makes it.
  static let gzipSequence = decode(
    """
    H4sIAAAAAAACA73VxbHtCAwEUDMzMzMz+zr/rOYlMV9L7XSq1A0A//9IsuRifrVCmGyQE+g1EzE6EqaOG69vp6tdxLIa\
    j+6Adzty/GDioN3Prwi4KcvWM/vz+F9WLNk1wrJYJLhNBUE4fySQR3EahCOuRmjB/zqyVvyhLT2LxgZg43EmSyujuYN6\
    P5MplggAzXJ01xkhqWNEymJnTk+vuubApcffr2R0c4QpL63mhhCz8F7zxCr7XoMCV0Sh/ZbQf0AFDLDfwOhcz8HK/jIB\
    3IA55MmjK0uT90aRpG/59b8uTdebFXtGZCbF+gxNDzPuBbvokxOcucCZMU3csN7juQSwtSuKJDpNQeuh8VZZbEFHL+Ah\
    H4j2NGVRuvb2XQ6cgiOJxHIe4a4PKBp+qkgIAiYPXA6t/N7LEOmQiUbJ3cP1N9PPGO8ii6e/MUw97FvxjXSXjmJW5Teq\
    xL+wwvXgRP242EoJBiq7SxKJRm73Xo1IJr8pMIfJVkG2ojfHPTIhlthUEAeMBxcgI9+yP3BWUHH7iz9l35L+PHoGvlBf\
    fAhTu0/1fBVCcMvU1R+Zlhw+H5DQM2bg+tGIs9fC8eNuGQ3g35sMfIJTiQReOjgCgL9arcoMkdoCYpYwRt+jL+qs1RIM\
    Bb+fzgHMSKdwo1m1kF6byb+wWs+tryisF7CMDCFx3CR2YmMjdnSxMOK8Q2oouYz5uj/H2ia/NCPise/Twl5zQ+2nHDVh\
    dAy2MQVLEgVgxQv+ygBJFfYFS79eVdeDy8DmRaajYDSa1503weuHkn63IGJmhb/iPDF5qjic8nvMNtyLSZn5OaFQ2i/E\
    wC8XQ+91x8dm9jsh8h1LJxcizBfrsfSGfuvOtUsV819YPbu4I1l2Y68W3u1BA7oAu+17yGS65VSYj1NOx8AfDqfKWS1S\
    1mbq0ictuEt6Cu8wqFw0KbFFCJIA1KrC32HI2m2ej/wXLw6Pi0ojBXs/2IYb/BC3x7Vs/KzqpaOvGStJqFtq7eDX3EG1\
    sngQoXA7z2XnomEIlMcnaFWbzfJTG4/c2HjjDhCuSz0iU7pCC4qs7ZBdCv7W/8KKvCzKInvVTk19UeWnJ5qGakbsJ9gO\
    e50jRzjzgSPHoLK3tJsyeD57T1ZzLYVlZ2pEYoXcFRRvndMePSqnULl8/P68enolhVvpsITknZ3sVK6v5edkk5J0H4C+\
    SonzmtAMfqOfOHpTi4RgmUKIYN/QJq2RQKfpvC4Pq71fEGhBkzNcVz0uyki7tEpd6AUnioPAd38zwFFe/+QHNwWpRi2y\
    TFWAScBj9+cvJ8TyxFQsFsxHc1TwwmQ6Lz1ofiv82YF88Qa37xe6G7K9VCLMU87TIaySw0GYQFxETqH5jOSIj9oI1RSy\
    F71U6MK3/ms1Sq8e2gji1iRAz0c3yIBg+LBxW6HX+DMMswCwaQjTlGnCxSfKQ0Gb5cN1bexpxiUCttucKPHHY9Ku3GQW\
    AFof0/vz+gdDJNAx3PsnD2SyNPEBF+xQ4Uqk9eeH1Y6oQNmCKaeiXGa12/q6ceA1LPRTCM8tt0YTd+Itzg3cjguZctGj\
    f3irRR/3s7Tm6PaGCU284nN0Y+Zbe2zknXZgIwl+QAOGyUUylzQ+DxAJh7st9mwE9ssqj95Nwycx59+bOSMq8o3o5N85\
    rq7t9y0pmO4vacVL6CuXzMvTCP/af2EFjjha6hCfdX3T1igbEbeeG0Oe1hZmp2td+vls32u44YWKmi8XJLwPeuiESTeA\
    IhOj/GWVHMoyYO3tkaUvd/oIGwsX27/I8VW7lTJUBU2u5Y9NwCoi9ABv4pWreO4MzW2J3AHxrla7x46UAseIVrCIixdO\
    XUKcVnWUbtapJKtm7LBfA5VsODm8oCf5uG3IRJfxFyaEPJP3v7DSZ6FWd4WDds/qx3sPDcd0h/ddGytScZFgE7VycvMC\
    +C0ArGhedXFxyIJ1gYwxd8nbuoirsOEmPNdmB2iqKlvg/6r0wVkUF3WlIf5OYyZytktoqKdGI4WMXaa9OFJ8ZY4Arefi\
    mXdH/80MgDCm3JJdt0PgzWDEG/CPzWV8P2gNB0iTOqXDwXoBxe4Jc5HQik0eWkI39RbjfyQzEYe4CwAA
    """)

  /// A gzip file with an extra field, a name, a comment and a header checksum.
  static let allFieldsText = decode(
    """
    H4sIHgECAwQAAwUAZXh0cmFuYW1lLmlkeABhIGNvbW1lbnQAnyAryUhVKCzNTM5WSCrKL89TKC7IzE5VyCrNLShWyC9L\
    LVIoASrISayqVMhLLS3Kz7MGC9BaB0QFEqkHAPV/4N+oAAAA
    """)

  private static func decode(_ base64: String) -> [UInt8] {
    [UInt8](Data(base64Encoded: base64) ?? Data())
  }
}
