import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/** Runs the program once for each line that it is given, and says when it has ended. */
public final class Again {
    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            Assent.main(arguments);
            System.out.println("ended");
        }
    }
}
