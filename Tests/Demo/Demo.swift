@main
struct Demo {
    static func main() {
        print("demo")
    }
}
